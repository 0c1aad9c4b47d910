#include "connections/elasticsearch/cluster_examination.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "connections/elasticsearch/server_error.hpp"
#include "connections/elasticsearch/server_info.hpp"
#include "http/status.hpp"

namespace rowferry {

namespace elasticsearch {
namespace {

namespace json = boost::json;

// What an operator can do about the reason of an error.
constexpr auto kRemedies = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"auth", "correct username and password, or api_key, or grant the user what it lacks"},
    {"dns", "correct the host in urls"},
    {"refused", "correct host and port in urls, and see that the server runs"},
    {"timeout", "see that the server is not stuck, and that no firewall is in between"},
    {"tls", "see that urls says https where the server does, and name its authority in ca_file"},
    {"protocol", "correct urls: something else answers there"},
    {"version", "upgrade the server"},
});
constexpr std::string_view kOtherRemedy = "see what the server's log says";

std::string_view remedy_for(std::string_view reason) {
  for (const auto& [known, remedy] : kRemedies) {
    if (known == reason) {
      return remedy;
    }
  }
  return kOtherRemedy;
}

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) {
    return {};
  }
  return {value->get_string().data(), value->get_string().size()};
}

}  // namespace

Finding finding_of_failure(const Error& error) {
  Finding finding = finding_of(error);
  finding.remedy = remedy_for(error.reason());
  return finding;
}

std::optional<Finding> judge_health(std::string_view body) {
  boost::system::error_code code;
  const json::value reply = json::parse({body.data(), body.size()}, code);
  if (code || !reply.is_object()) {
    return std::nullopt;
  }
  const json::object& health = reply.get_object();
  const std::string_view status = text_in(health, "status");
  if (status.empty()) {
    return std::nullopt;
  }
  std::string text = fmt::format("cluster {}: health {}", text_in(health, "cluster_name"), status);
  if (status == "red") {
    return Finding{Severity::warning, text + ": some indices cannot be written",
                   "GET /_cluster/allocation/explain says why"};
  }
  return Finding{Severity::ok, std::move(text), ""};
}

}  // namespace elasticsearch

namespace {

std::string product_text(const ElasticsearchConnection::Server& server) {
  const bool is_opensearch = server.product == ElasticsearchConnection::Product::opensearch;
  if (server.version.empty()) {
    return "the server answers, and does not let us see its version";
  }
  return fmt::format("{} {} answers", is_opensearch ? "OpenSearch" : "Elasticsearch",
                     server.version);
}

http::Request asking(std::string target) {
  http::Request request;
  request.target = std::move(target);
  request.repeatable = http::Repeatable::yes;
  return request;
}

}  // namespace

// Of several servers each is asked: one that is down is not seen as long as others answer.
Task<std::vector<Finding>> ElasticsearchConnection::examine() {
  std::vector<Finding> findings;
  try {
    co_await probe();
    findings.push_back({Severity::ok, product_text(*server_), ""});
  } catch (const Error& error) {
    findings.push_back(elasticsearch::finding_of_failure(error));
  }
  if (has_fault(findings)) {
    co_return findings;
  }
  http::Request ask_health = asking("/_cluster/health");
  try {
    const http::Response health = co_await request(std::move(ask_health));
    const auto judged = elasticsearch::judge_health(health.body);
    if (judged && http::is_success(health.status)) {
      findings.push_back(*judged);
    }
  } catch (const Error& error) {
    findings.push_back(elasticsearch::finding_of_failure(error));
  }
  for (std::size_t index = 0; clients_.size() > 1 && index < clients_.size(); ++index) {
    const std::optional<Error> failure = co_await failure_of(index);
    if (failure) {
      Finding finding = elasticsearch::finding_of_failure(*failure);
      finding.severity = Severity::warning;
      findings.push_back(std::move(finding));
    }
  }
  co_return findings;
}

}  // namespace rowferry
