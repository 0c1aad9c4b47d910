#include "connections/elasticsearch/elasticsearch_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "connections/elasticsearch/authorization.hpp"
#include "connections/elasticsearch/server_error.hpp"
#include "connections/elasticsearch/server_info.hpp"
#include "http/status.hpp"

namespace rowferry {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kConnectionsMax = 16;
constexpr milliseconds kProbeTime{5000};

milliseconds left_until(steady_clock::time_point deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
}

/// Whether a reply means that another server may do better.
bool is_down(unsigned status) { return status == 502 || status == 503 || status == 504; }

/// Whether a failure of one server says something of the others: a request that is too much for one
/// is so for all, and one without an end took all the time there was.
bool is_theirs_alone(const Error& error) {
  return error.failure() == Failure::transient && error.reason() != "closed_while_sending";
}

}  // namespace

/// What one server made of a request: a reply, or a failure.
struct ElasticsearchConnection::Attempt {
  std::optional<http::Response> response;
  std::optional<Error> failure;
};

ElasticsearchConnection::ElasticsearchConnection(std::string name,
                                                 elasticsearch::ConnectionSettings settings,
                                                 const Runtime& runtime)
    : Connection(std::move(name)),
      settings_(std::move(settings)),
      runtime_(runtime),
      authorization_(elasticsearch::authorization(settings_)),
      rotation_(settings_.urls.size()) {
  for (const http::Url& url : settings_.urls) {
    http::ClientSettings client;
    client.endpoint = url.endpoint;
    client.ca_file = settings_.ca_file;
    client.connections_max = kConnectionsMax;
    clients_.push_back(
        std::make_unique<http::Client>(runtime.executor, runtime.workers, std::move(client)));
  }
}

ElasticsearchConnection::~ElasticsearchConnection() = default;

Task<ElasticsearchConnection::Attempt> ElasticsearchConnection::attempt(std::size_t index,
                                                                        http::Request request) {
  request.target = settings_.urls[index].path + request.target;
  Attempt result;
  try {
    http::Response response = co_await clients_[index]->send(std::move(request));
    result.response = std::move(response);
  } catch (const Error& error) {
    result.failure = error;
  }
  const bool failed = result.failure ? result.failure->failure() == Failure::transient
                                     : is_down(result.response->status);
  if (failed) {
    rotation_.failed(index, runtime_.clock.steady_now());
  } else {
    rotation_.worked(index);
  }
  co_return result;
}

Task<http::Response> ElasticsearchConnection::request(http::Request request) {
  if (!authorization_.empty()) {
    request.headers.push_back({"Authorization", authorization_});
  }
  const auto deadline = steady_clock::now() + std::min(request.timeout, settings_.request_timeout);
  std::string failures;
  std::string reason;
  for (const std::size_t index : rotation_.order(runtime_.clock.steady_now())) {
    request.timeout = left_until(deadline);
    if (request.timeout <= milliseconds(0)) {
      break;
    }
    http::Request copy = request;
    Attempt result = co_await attempt(index, std::move(copy));
    if (result.response) {
      co_return std::move(*result.response);
    }
    const Error& failure = *result.failure;
    if (!is_theirs_alone(failure) || request.repeatable == http::Repeatable::no) {
      throw failure;
    }
    failures += (failures.empty() ? "" : "; ") + std::string(failure.what());
    reason = failure.reason();
  }
  throw Error(Failure::transient, failures).with_reason(std::move(reason));
}

/// Why one server does not answer; nothing when it does.
Task<std::optional<Error>> ElasticsearchConnection::failure_of(std::size_t index) {
  http::Request ask;
  ask.timeout = std::min(kProbeTime, settings_.request_timeout);
  ask.repeatable = http::Repeatable::yes;
  if (!authorization_.empty()) {
    ask.headers.push_back({"Authorization", authorization_});
  }
  Attempt result = co_await attempt(index, std::move(ask));
  co_return std::move(result.failure);
}

Task<> ElasticsearchConnection::probe() {
  http::Request ask;
  ask.timeout = kProbeTime;
  ask.repeatable = http::Repeatable::yes;
  const http::Response response = co_await request(std::move(ask));
  const std::string attempted = fmt::format("asking {} for a sign of life", name());
  if (elasticsearch::is_alive_but_silent(response)) {
    server_.emplace();
  } else if (!http::is_success(response.status)) {
    throw elasticsearch::refusal(attempted, response, runtime_.clock.wall_now());
  } else {
    server_ = elasticsearch::read_server(response.body);
  }
}

Task<> ElasticsearchConnection::close() {
  for (const auto& client : clients_) {
    client->close_idle();
  }
  co_return;
}

}  // namespace rowferry
