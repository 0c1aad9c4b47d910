#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "config/components.hpp"
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

/// A PostgreSQL server, 13 or later: its sessions, shared by all jobs. Of `max_sessions` one is
/// kept for the probe (from three up) and one for live polls.
class PostgresConnection : public Connection {
 public:
  PostgresConnection(std::string name, PostgresSettings settings, const Runtime& runtime);
  ~PostgresConnection() override;

  /// Borrows a session for a statement or a few. See SessionPool.
  Task<Lease> borrow(Priority priority);
  Task<Lease> borrow(Priority priority, const StopToken& stop);

  [[nodiscard]] const PostgresSettings& settings() const { return settings_; }

  /// Asks the server for a sign of life in a session of its own, within 5 seconds.
  Task<> probe() override;
  Task<> close() override;

 private:
  PostgresSettings settings_;
  pq::ConnectSettings connect_;
  pq::Environment environment_;
  SessionPool sessions_;
  std::unique_ptr<SessionPool> probe_sessions_;
};

/// Reads `connections.NAME` of type postgres: dsn, password, statement_timeout, max_sessions. Notes
/// problems, touches nothing; a password inside the dsn is taught to the redactor.
MakeConnection parse_postgres_connection(const std::string& name, const config::Node& node);

}  // namespace rowferry::connections
