#include "pq/connecting.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "pq/abandonable.hpp"
#include "pq/conninfo.hpp"
#include "pq/failure.hpp"
#include "pq/socket_watch.hpp"

namespace rowferry::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void ignore_notice(void* /*context*/, const PGresult* /*notice*/) {}

/// A handshake under way. Shared with the step that runs on the workers, which may outlive its
/// deadline there.
struct Handshake {
  ConnectionParameters parameters;
  ConnectionHandle connection;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
};

void start(Handshake& handshake) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : handshake.parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  handshake.connection.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  PGconn* connection = handshake.connection.get();
  if (connection == nullptr || PQstatus(connection) == CONNECTION_BAD) {
    handshake.next = PGRES_POLLING_FAILED;
    return;
  }
  // The verbose form is the only one that tells the SQLSTATE of a refusal.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(connection, &ignore_notice, nullptr);
}

void step(Handshake& handshake) { handshake.next = PQconnectPoll(handshake.connection.get()); }

/// The parameters that hold unless the connection string says otherwise, and those that always do.
ConnectionParameters complete(ConnectionParameters parameters, const ConnectSettings& settings) {
  parameters.try_emplace("application_name", settings.application_name);
  // A server that vanished without a word is noticed within a minute.
  parameters.try_emplace("keepalives_idle", "30");
  parameters.try_emplace("keepalives_interval", "10");
  parameters.try_emplace("keepalives_count", "3");
  parameters.try_emplace("tcp_user_timeout", "45000");
  parameters["client_encoding"] = "UTF8";
  if (!settings.password.empty()) {
    parameters["password"] = settings.password.reveal();
  }
  return parameters;
}

milliseconds timeout_of(const ConnectionParameters& parameters, milliseconds fallback) {
  const auto found = parameters.find("connect_timeout");
  if (found == parameters.end()) {
    return fallback;
  }
  long seconds = 0;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds > 0 ? milliseconds(std::chrono::seconds(seconds)) : fallback;
}

std::string what_failed(const ConnectSettings& settings) {
  return fmt::format("connection {}: opening a session", settings.name);
}

Error too_slow(const ConnectSettings& settings, const Handshake& handshake,
               steady_clock::duration waited) {
  return Error(Failure::transient,
               fmt::format("{}: no answer from {} within {} ms; check host, port and firewall, and "
                           "that the server is not stuck",
                           what_failed(settings), describe_server(handshake.parameters),
                           std::chrono::duration_cast<milliseconds>(waited).count()))
      .with_reason("timeout");
}

/// Waits for the server between two steps; false when time is up.
Task<bool> wait_for_server(const Handshake& handshake, SocketWatch& socket, SteadyTime until) {
  // The socket changes from address to address, so it is watched for this wait only.
  socket.watch(PQsocket(handshake.connection.get()));
  const bool reading = handshake.next == PGRES_POLLING_READING;
  const auto direction = reading ? SocketWatch::kRead : SocketWatch::kWrite;
  const bool ready = co_await socket.wait(direction, until);
  socket.release();
  co_return ready;
}

/// Drives one handshake to its end; false when time is up.
Task<bool> drive(std::shared_ptr<Handshake> handshake, const Environment& environment,
                 SteadyTime until) {
  SocketWatch socket(environment.executor);
  std::function<void()> first = [handshake] { start(*handshake); };
  if (!co_await run_abandonable(environment.workers, environment.executor, std::move(first),
                                until)) {
    co_return false;
  }
  while (handshake->next != PGRES_POLLING_OK && handshake->next != PGRES_POLLING_FAILED) {
    if (!co_await wait_for_server(*handshake, socket, until)) {
      co_return false;
    }
    std::function<void()> next = [handshake] { step(*handshake); };
    if (!co_await run_abandonable(environment.workers, environment.executor, std::move(next),
                                  until)) {
      co_return false;
    }
  }
  co_return true;
}

/// One host: its connection, or the error.
struct Attempt {
  ConnectionHandle connection;
  std::optional<Error> error;
};

Task<Attempt> attempt_host(ConnectionParameters parameters, const ConnectSettings& settings,
                           const Environment& environment) {
  const auto handshake = std::make_shared<Handshake>();
  handshake->parameters = std::move(parameters);
  const milliseconds timeout = timeout_of(handshake->parameters, settings.connect_timeout);
  const SteadyTime begin = steady_clock::now();
  const SteadyTime until =
      std::min(begin + timeout, settings.connect_until.value_or(SteadyTime::max()));
  const bool in_time = co_await drive(handshake, environment, until);
  Attempt attempt;
  if (!in_time) {
    attempt.error = too_slow(settings, *handshake, steady_clock::now() - begin);
  } else if (handshake->next == PGRES_POLLING_OK) {
    attempt.connection = std::move(handshake->connection);
    PQsetErrorVerbosity(attempt.connection.get(), PQERRORS_DEFAULT);
  } else {
    const char* text = handshake->connection == nullptr
                           ? "out of memory"
                           : PQerrorMessage(handshake->connection.get());
    attempt.error = connect_error(what_failed(settings), text);
  }
  co_return attempt;
}

ConnectionParameters read_dsn(const ConnectSettings& settings) {
  try {
    return complete(parse_connection_string(settings.dsn), settings);
  } catch (const Error& error) {
    throw Error(error.failure(),
                fmt::format("connection {}: dsn: {}", settings.name, error.what()));
  }
}

}  // namespace

void FinishConnection::operator()(pg_conn* connection) const { PQfinish(connection); }

Task<ConnectionHandle> make_connection(const ConnectSettings& settings,
                                       const Environment& environment) {
  std::vector<ConnectionParameters> hosts = single_host_attempts(read_dsn(settings));
  std::optional<Error> failure;
  for (ConnectionParameters& host : hosts) {
    Attempt attempt = co_await attempt_host(std::move(host), settings, environment);
    if (attempt.connection != nullptr) {
      PQsetnonblocking(attempt.connection.get(), 1);
      co_return std::move(attempt.connection);
    }
    failure = std::move(attempt.error);
  }
  throw *failure;
}

}  // namespace rowferry::pq
