#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "config/components.hpp"
#include "connections/postgres/server_examination.hpp"
#include "connections/postgres/session_pool.hpp"
#include "core/connection.hpp"
#include "core/run_context.hpp"
#include "pq/settings.hpp"

namespace rowferry::connections {

/// What the configuration says of a PostgreSQL server.
struct PostgresSettings {
  std::string dsn;
  Secret password;
  std::chrono::milliseconds statement_timeout{600'000};
  std::size_t sessions_max = 8;
};

/// A PostgreSQL server, 13 or later: its sessions, at most `max_sessions`, shared by all jobs.
class PostgresConnection : public Connection {
 public:
  PostgresConnection(std::string name, PostgresSettings settings, const Runtime& runtime);

  /// Borrows a session for a statement or a few. See SessionPool.
  Task<Lease> borrow(Priority priority);
  Task<Lease> borrow(Priority priority, const StopToken& stop);

  /// A session without waiting for one to come back; nothing when all are lent out.
  Task<std::optional<Lease>> try_borrow(Priority priority, SteadyTime until);

  /// `replica_of`: this connection leads to a standby of that one's server.
  void follow(std::shared_ptr<Connection> primary) override;
  /// The connection of the primary; null: the configuration names none.
  [[nodiscard]] PostgresConnection* primary() const { return primary_.get(); }

  [[nodiscard]] const PostgresSettings& settings() const { return settings_; }
  [[nodiscard]] const SessionPool& sessions() const { return sessions_; }

  /// Asks the server for a sign of life, within 5 seconds: in a session that is free, else by what
  /// the busy ones have heard, else in one more, for that moment only.
  Task<> probe() override;
  Task<std::vector<Finding>> examine() override;
  Task<> close() override;

 private:
  Task<std::unique_ptr<pq::Session>> open(std::optional<SteadyTime> until) const;
  Task<std::vector<Finding>> examine_replica(ServerFacts replica);
  Task<> probe_beside_busy_sessions(SteadyTime until) const;

  PostgresSettings settings_;
  pq::Environment environment_;
  SessionPool sessions_;
  std::shared_ptr<PostgresConnection> primary_;
};

/// Reads `connections.NAME` of type postgres: dsn, password, statement_timeout, max_sessions,
/// replica_of. Notes problems, touches nothing; a password inside the dsn is taught to the
/// redactor.
MakeConnection parse_postgres_connection(const std::string& name, const config::Node& node);

}  // namespace rowferry::connections
