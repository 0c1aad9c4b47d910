#include "tests/support/search_index.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "http/status.hpp"

namespace rowferry::test {
namespace {

namespace json = boost::json;

std::string unique_name() {
  static std::atomic<int> count = 0;
  return fmt::format("rowferry-test-{}-{}-{}", getpid(),
                     std::chrono::system_clock::now().time_since_epoch().count() % 1'000'000'000,
                     ++count);
}

http::ClientSettings settings_of(const std::string& url) {
  http::ClientSettings settings;
  settings.endpoint = http::parse_url(url).value().endpoint;
  return settings;
}

/// The text of the value of `_source`, as the server gave it.
std::string raw_source(const std::string& body) {
  static constexpr std::string_view kBefore = "\"_source\":";
  const std::size_t at = body.find(kBefore);
  if (at == std::string::npos) {
    throw std::runtime_error("no _source in " + body);
  }
  json::stream_parser parser;
  boost::system::error_code code;
  const std::string_view rest = std::string_view(body).substr(at + kBefore.size());
  const std::size_t size = parser.write_some(rest.data(), rest.size(), code);
  return std::string(rest.substr(0, size));
}

}  // namespace

std::string service(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(fmt::format("{} is not set: run tests/services/up", variable));
  }
  return value;
}

SearchIndex::SearchIndex(TestLoop& loop, const char* variable)
    : loop_(loop),
      url_(service(variable)),
      name_(unique_name()),
      client_(loop.executor(), loop.runtime().workers, settings_of(url_)) {}

SearchIndex::~SearchIndex() {
  try {
    const json::value found = json::parse(
        send(http::Method::get, "/_cat/indices/" + name_ + "*?format=json&h=index", "").body);
    for (const json::value& index : found.as_array()) {
      send(http::Method::remove, "/" + std::string(index.at("index").as_string()), "");
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "cannot delete {}*: {}\n", name_, error.what());
  }
}

http::Response SearchIndex::send(http::Method method, const std::string& target,
                                 std::string_view body) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  request.repeatable = http::Repeatable::yes;
  request.reply_bytes_max = 256u << 20;
  if (!body.empty()) {
    request.headers.push_back({"Content-Type", "application/json"});
  }
  return loop_.run(client_.send(request));
}

std::string SearchIndex::request(http::Method method, const std::string& target,
                                 std::string_view body) {
  http::Response response = send(method, target, body);
  if (!http::is_success(response.status)) {
    throw std::runtime_error(fmt::format("{}: {} {}", target, response.status, response.body));
  }
  return std::move(response.body);
}

void SearchIndex::create(std::string_view body) { request(http::Method::put, "/" + name_, body); }

bool SearchIndex::exists() { return send(http::Method::head, "/" + name_, "").status == 200; }

std::string SearchIndex::setting(const std::string& name) {
  const json::value reply = json::parse(
      request(http::Method::get, fmt::format("/{}/_settings?flat_settings=true", name_)));
  const json::object& settings = reply.as_object().begin()->value().at("settings").as_object();
  const json::value* value = settings.if_contains(name);
  return value == nullptr ? "" : std::string(value->as_string());
}

std::optional<std::string> SearchIndex::document(const std::string& id,
                                                 const std::string& routing) {
  std::string target = fmt::format("/{}/_doc/{}", name_, http::percent_encode(id));
  if (!routing.empty()) {
    target += "?routing=" + http::percent_encode(routing);
  }
  const http::Response response = send(http::Method::get, target, "");
  return response.status == 404 ? std::nullopt : std::optional(raw_source(response.body));
}

std::map<std::string, std::string> SearchIndex::documents() {
  request(http::Method::post, fmt::format("/{}/_refresh", name_));
  const json::value reply = json::parse(request(
      http::Method::get, fmt::format("/{}/_search?size=10000&track_total_hits=true", name_)));
  std::map<std::string, std::string> documents;
  for (const json::value& hit : reply.at("hits").at("hits").as_array()) {
    documents[std::string(hit.at("_id").as_string())] = json::serialize(hit.at("_source"));
  }
  return documents;
}

std::size_t SearchIndex::visible() {
  const json::value reply =
      json::parse(request(http::Method::get, fmt::format("/{}/_count", name_)));
  return reply.at("count").to_number<std::size_t>();
}

}  // namespace rowferry::test
