#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "core/sequence.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/postgres_source.hpp"
#include "tests/integration/server.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

/// What a sink with row identities would hold: rows by key, both as the server's text.
struct Replica {
  std::map<std::string, std::string> rows;
  std::size_t upserts = 0;
  std::size_t removals = 0;
  std::vector<std::string> refused;  ///< the keys of rows that came with an issue

  void take(const Batch& batch);
};

/// A source on a database of this program, a replica that takes what it hands out, and sessions
/// beside it. Every test finds an empty schema `s`, which is first on the search path.
class SourceTest : public testing::Test {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  SourceTest();
  ~SourceTest() override;

  /// Runs SQL in the session that the fixture keeps; the first cell of the last statement.
  std::string sql(const std::string& text);
  std::unique_ptr<pq::Session> session(const std::string& user = "postgres");
  std::string sql_in(pq::Session& session, const std::string& text);
  /// Key and row texts, as a query of two columns gives them.
  std::map<std::string, std::string> rows_of(const std::string& query);

  /// A new source, as after a restart of the program; it goes on at `position`.
  void restart();
  /// One pass, from `position` to its end. How many rows it read.
  std::size_t pass();
  /// Opens the next pass at `position`.
  SourceOpened open();
  /// The next batch into the replica, its position into `position`; false: the pass is over.
  bool next();
  void close();
  /// The Error that `open` and reading to the end give.
  Error failure();
  postgres::SourcePosition where() const { return postgres::decode(position); }

  postgres::SourceSettings settings;
  connections::PostgresSettings server;
  Position position;
  Replica replica;
  BatchLimits limits;
  RunType type = RunType::sync;
  WallTime run_started{};
  bool removes_unselected = false;
  TestLoop loop;

 private:
  static std::string dsn();

  std::unique_ptr<pq::Session> session_;
  SequenceAllotter sequence_;
  RunContext context_;
  std::shared_ptr<connections::PostgresConnection> connection_;
  std::unique_ptr<postgres::PostgresSource> source_;
  Batch batch_;
};

}  // namespace rowferry::test
