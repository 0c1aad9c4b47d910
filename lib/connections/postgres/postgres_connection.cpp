#include "connections/postgres/postgres_connection.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "pq/conninfo.hpp"

namespace rowferry::connections {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kProbeTime{5000};

pq::ConnectSettings connect_settings(const std::string& name, const PostgresSettings& settings) {
  pq::ConnectSettings connect;
  connect.name = name;
  connect.dsn = settings.dsn;
  connect.password = settings.password;
  connect.application_name = fmt::format("rowferry/{}", name);
  connect.statement_timeout = settings.statement_timeout;
  return connect;
}

Task<> ask_for_a_sign_of_life(pq::Session& session, SteadyTime until) {
  pq::Statement ask{"asking for a sign of life", "SELECT 1"};
  ask.timeout = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
  ask.drop_when_late = true;
  co_await session.execute(ask);
}

}  // namespace

PostgresConnection::PostgresConnection(std::string name, PostgresSettings settings,
                                       const Runtime& runtime)
    : Connection(std::move(name)),
      settings_(std::move(settings)),
      environment_{runtime.executor, runtime.workers, runtime.log},
      sessions_(runtime.executor,
                SessionPoolSettings{settings_.sessions_max, milliseconds(180'000)},
                [this](std::optional<SteadyTime> until) { return open(until); }) {}

Task<std::unique_ptr<pq::Session>> PostgresConnection::open(std::optional<SteadyTime> until) const {
  pq::ConnectSettings connect = connect_settings(name(), settings_);
  connect.connect_until = until;
  pq::Environment environment = environment_;
  co_return co_await pq::Session::connect(std::move(connect), std::move(environment));
}

Task<Lease> PostgresConnection::borrow(Priority priority) { return sessions_.borrow(priority); }

Task<Lease> PostgresConnection::borrow(Priority priority, const StopToken& stop) {
  return sessions_.borrow(priority, stop);
}

Task<std::optional<Lease>> PostgresConnection::try_borrow(Priority priority, SteadyTime until) {
  return sessions_.try_borrow(priority, until);
}

Task<> PostgresConnection::probe() {
  const SteadyTime until = steady_clock::now() + kProbeTime;
  std::optional<Lease> lease = co_await sessions_.try_borrow(Priority::live, until);
  if (!lease) {
    co_await probe_beside_busy_sessions(until);
  } else if (!lease->is_new()) {
    co_await ask_for_a_sign_of_life(**lease, until);
  }
}

Task<> PostgresConnection::probe_beside_busy_sessions(SteadyTime until) const {
  if (sessions_.last_heard() > steady_clock::now() - kProbeTime) {
    co_return;
  }
  try {
    const std::unique_ptr<pq::Session> extra = co_await open(until);
  } catch (const Error& error) {
    // A role may have no more sessions than we are allowed to open; saying so is a sign of life.
    if (error.reason() != "53300") {
      throw;
    }
  }
}

Task<> PostgresConnection::close() {
  sessions_.close();
  co_return;
}

MakeConnection parse_postgres_connection(const std::string& name, const config::Node& node) {
  PostgresSettings settings;
  settings.dsn = node.required_text("dsn");
  for (const Secret& secret : pq::secrets_in(settings.dsn)) {
    node.learn(secret);
  }
  const auto wrong = pq::connection_string_problem(settings.dsn);
  if (wrong) {
    node.problem(
        "dsn", fmt::format("must be like host=db user=etl dbname=shop, or a postgresql:// URL: {}",
                           *wrong));
  }
  settings.password = node.secret("password");
  settings.statement_timeout =
      node.duration("statement_timeout", settings.statement_timeout, milliseconds(1));
  constexpr std::int64_t kSessionsLimit = 1000;
  settings.sessions_max =
      static_cast<std::size_t>(node.integer("max_sessions", 8, 1, kSessionsLimit));
  node.not_built("replica_of");
  return [name, settings](const Runtime& runtime) -> std::shared_ptr<Connection> {
    return std::make_shared<PostgresConnection>(name, settings, runtime);
  };
}

}  // namespace rowferry::connections
