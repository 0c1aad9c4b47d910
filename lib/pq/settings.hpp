#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"

namespace rowferry::pq {

/// How a session is opened and which limits hold in it.
struct ConnectSettings {
  /// The name of the connection in the configuration; every error begins with it.
  std::string name;
  /// A libpq connection string, keyword or URI form.
  std::string dsn;
  /// Goes before a password in the connection string; empty: libpq looks there, into PGPASSWORD and
  /// into the password file.
  Secret password;
  /// As people see it in pg_stat_activity; a name in the connection string goes before it.
  std::string application_name = "rowferry";
  /// 0: no limit on the server, and none here.
  std::chrono::milliseconds statement_timeout{600'000};
  /// For all that lies between the first name look-up and a session that is ready, a host.
  std::chrono::milliseconds connect_timeout{10'000};
  /// A deadline for all hosts together; nothing: the timeout of each.
  std::optional<SteadyTime> connect_until = {};
  std::chrono::milliseconds lock_timeout{30'000};
  std::chrono::milliseconds idle_in_transaction_timeout{600'000};
};

/// What a session needs of the program. References outlive the session. The workers must be joined
/// before the executor's context ends: a name look-up that nobody waits for any more may still run.
struct Environment {
  boost::asio::any_io_executor executor;
  WorkerPool& workers;
  Log& log;
};

}  // namespace rowferry::pq
