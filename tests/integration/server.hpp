#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/task.hpp"
#include "pq/session.hpp"
#include "pq/settings.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// What tests/services/up has told; throws when it has not run, so that the test fails.
std::string required_environment(const char* name);

/// Settings for the shared PostgreSQL of the tests, by socket, as superuser.
pq::ConnectSettings shared_server();

/// A connection string with further keywords, of which the last counts.
std::string with(const std::string& dsn, const std::string& keywords);

pq::Environment environment(TestLoop& loop);

/// Opens a session and waits for it.
std::unique_ptr<pq::Session> open_session(TestLoop& loop, const pq::ConnectSettings& settings);

/// Runs statements in a session of their own on the shared server; the first cell of the last one.
std::string run_sql(TestLoop& loop, const std::string& sql);

/// The Error that a task ends with, if it does.
template <class T>
Task<std::optional<Error>> failure_of(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (const Error& error) {
    co_return error;
  }
  co_return std::nullopt;
}

/// A PostgreSQL of the test's own, which it may stop, kill and configure. Gone at the end.
class PrivateServer {
 public:
  /// Of a primary: a streaming standby of that one.
  explicit PrivateServer(const PrivateServer* primary = nullptr);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  /// A verb of tests/services/postgres: start, stop, kill, restart-immediate, promote.
  void control(const std::string& verb) const;

  /// By loopback TCP, with the password.
  [[nodiscard]] pq::ConnectSettings settings() const;

  /// Makes a certificate that nobody vouches for and turns TLS on. Returns the certificate's file.
  std::filesystem::path use_tls(TestLoop& loop) const;

 private:
  TemporaryFolder folder_;
  int port_;
  std::string standby_of_;
};

}  // namespace rowferry::test
