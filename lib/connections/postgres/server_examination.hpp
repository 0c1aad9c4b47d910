#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/task.hpp"
#include "core/preflight.hpp"
#include "pq/session.hpp"

namespace rowferry::connections {

struct PostgresSettings;

/// What a server says of itself and of our role.
struct ServerFacts {
  int version = 0;           ///< 150012
  std::string version_text;  ///< `15.12`
  std::string user;
  std::string database;
  std::string system_identifier;
  bool is_standby = false;
  /// How many sessions the role, the database and the server allow; negative: no limit.
  std::int64_t role_sessions_max = -1;
  std::int64_t database_sessions_max = -1;
  std::int64_t server_sessions_max = -1;
};

/// Asks the server.
Task<ServerFacts> read_server_facts(pq::Session& session);

/// What is right and wrong about a server for the settings of its connection. `has_primary`: the
/// configuration says whose replica it is.
[[nodiscard]] std::vector<Finding> judge_server(const ServerFacts& facts,
                                                const PostgresSettings& settings, bool has_primary);

/// What is right and wrong about a server as a standby of the one that `replica_of` names.
[[nodiscard]] std::vector<Finding> judge_replica(const ServerFacts& replica,
                                                 const ServerFacts& primary,
                                                 const std::string& primary_name);

/// A failure that the server, or the way to it, is the cause of, with what mends it.
[[nodiscard]] Finding finding_of_failure(const Error& error);

}  // namespace rowferry::connections
