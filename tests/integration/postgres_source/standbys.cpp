// Rows that are read on a standby, exactly: its primary tells the transactions.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "core/source.hpp"
#include "sources/postgres/standby.hpp"
#include "tests/integration/postgres_source/source_lab.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

connections::PostgresSettings connection_to(const PrivateServer& server) {
  connections::PostgresSettings settings;
  settings.dsn = server.settings().dsn;
  settings.password = server.settings().password;
  settings.sessions_max = 6;
  return settings;
}

/// A primary with 100 films, and a standby whose rows a source reads.
class StandbyTest : public SourceTest {
 protected:
  static constexpr const char* kFilms = "SELECT id::text, concat_ws('|', id, title) FROM s.film";

  StandbyTest() : standby_(&primary_) {
    on_primary_ = open_session(loop, primary_.settings());
    on_standby_ = open_session(loop, standby_.settings());
    write(
        "CREATE SCHEMA s;"
        "CREATE TABLE s.film (id bigint PRIMARY KEY, title text NOT NULL,"
        " updated_at timestamptz NOT NULL DEFAULT clock_timestamp());"
        "CREATE INDEX ON s.film (updated_at, id);"
        "INSERT INTO s.film SELECT n, 'film ' || n FROM generate_series(1, 100) n");
    settings.columns = {"id", "title"};
    server = connection_to(standby_);
    primary = connection_to(primary_);
    primary->statement_timeout = 700ms;
    follow_up();
  }

  void write(const std::string& text) { sql_in(*on_primary_, text); }

  /// Waits until a standby shows what the primary shows now.
  void follow_up() {
    const std::string end = sql_in(*on_primary_, "SELECT pg_current_wal_flush_lsn()");
    const std::string asked = fmt::format("SELECT pg_last_wal_replay_lsn() >= '{}'", end);
    while (sql_in(*on_standby_, asked) != "t") {
      sql_in(*on_standby_, "SELECT pg_sleep(0.02)");
    }
  }

  void expect_equal() { EXPECT_EQ(replica.rows, rows_in(*on_primary_, kFilms)); }

  PrivateServer primary_;
  PrivateServer standby_;
  std::unique_ptr<pq::Session> on_primary_;
  std::unique_ptr<pq::Session> on_standby_;
};

TEST_F(StandbyTest, WithoutItsPrimaryIsReadByOverlap) {
  primary.reset();
  EXPECT_EQ(open().guarantee, "overlap");
  pass();
  expect_equal();
}

TEST_F(StandbyTest, IsReadExactlyWithItsPrimary) {
  EXPECT_EQ(open().guarantee, "exact");
  pass();
  expect_equal();
  // A transaction that began before the poll, and commits an old stamp behind it.
  const auto late = open_session(loop, primary_.settings());
  sql_in(*late, "BEGIN; UPDATE s.film SET title = 'late', updated_at = now() WHERE id = 1");
  write("UPDATE s.film SET title = 'early', updated_at = clock_timestamp() WHERE id = 2");
  EXPECT_EQ(pass(), 1u);
  sql_in(*late, "SELECT pg_sleep(0.1); COMMIT");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
  // Commits that are only in memory yet reach no standby, and so are not sent; then they are.
  write(
      "SET synchronous_commit = off;"
      "UPDATE s.film SET title = 'soft', updated_at = clock_timestamp() WHERE id <= 10");
  std::size_t sent = 0;
  while (sent == 0) {
    sent = pass();
  }
  EXPECT_EQ(sent, 10u);
  expect_equal();
}

TEST_F(StandbyTest, ThatLagsIsWaitedFor) {
  pass();
  EXPECT_EQ(pass(), 0u);
  sql_in(*on_standby_, "SELECT pg_wal_replay_pause()");
  write("UPDATE s.film SET title = 'new', updated_at = clock_timestamp() WHERE id <= 5");
  // Not a word of success of a moment that the standby does not show.
  const Error lags = failure();
  EXPECT_EQ(lags.reason(), postgres::kStandbyLags);
  EXPECT_EQ(lags.failure(), Failure::transient);
  EXPECT_THAT(lags.what(), HasSubstr("connection main"));
  sql_in(*on_standby_, "SELECT pg_wal_replay_resume()");
  follow_up();
  EXPECT_EQ(pass(), 5u);
  expect_equal();
}

TEST_F(StandbyTest, ThatLagsBehindTheMarkOfAFirstCopyIsWaitedFor) {
  sql_in(*on_standby_, "SELECT pg_wal_replay_pause()");
  write("INSERT INTO s.film SELECT n, 'film ' || n FROM generate_series(101, 2000) n");
  EXPECT_EQ(failure().reason(), postgres::kStandbyLags);
  EXPECT_TRUE(replica.rows.empty());
  write("UPDATE s.film SET title = 'again' WHERE id = 7");
  sql_in(*on_standby_, "SELECT pg_wal_replay_resume()");
  pass();
  pass();
  expect_equal();
}

// The mark of the first half was taken while another standby was read, which was not behind.
TEST_F(StandbyTest, BehindAReconnectToOneThatLagsNoRowIsLost) {
  const PrivateServer laggard(&primary_);
  const auto on_laggard = open_session(loop, laggard.settings());
  follow_up();
  pass();
  sql_in(*on_laggard, "SELECT pg_wal_replay_pause()");
  write(
      "UPDATE s.film SET title = 'moved', updated_at = clock_timestamp() "
      "WHERE id BETWEEN 31 AND 60");
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  server = connection_to(laggard);
  restart();
  const Error lags = failure();
  EXPECT_EQ(lags.reason(), postgres::kStandbyLags);
  sql_in(*on_laggard, "SELECT pg_wal_replay_resume()");
  pass();
  expect_equal();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(StandbyTest, ThatWasPromotedIsReadAgainFromTheBeginning) {
  pass();
  EXPECT_EQ(pass(), 0u);
  primary_.control("stop");
  standby_.control("promote");
  // Sessions outlive a promotion, but the primary is gone.
  EXPECT_EQ(failure().failure(), Failure::transient);
  const Error changed = failure();
  EXPECT_EQ(changed.failure(), Failure::stale);
  EXPECT_EQ(changed.reason(), kHistoryChanged);
  EXPECT_THAT(loop.logged(), HasSubstr("replica_of is left aside"));
  // What the engine does then.
  replaced = std::exchange(position, {});
  replica = {};
  type = RunType::full;
  sink_knows_rows = true;
  const SourceOpened opened = open();
  EXPECT_EQ(opened.guarantee, "unverified");
  EXPECT_EQ(opened.guarantee_after, "exact");
  pass();
  EXPECT_THAT(loop.logged(), HasSubstr("stay in the sink"));
  EXPECT_EQ(replica.rows, rows_in(*on_standby_, kFilms));
  type = RunType::sync;
  EXPECT_EQ(open().guarantee, "exact");
}

TEST_F(StandbyTest, ThatWasPromotedBesideItsPrimaryIsNoticed) {
  pass();
  standby_.control("promote");
  EXPECT_EQ(failure().reason(), "promoted");
  EXPECT_EQ(failure().reason(), kHistoryChanged);
}

TEST_F(StandbyTest, OfAnotherSystemIsRefused) {
  const PrivateServer other;
  primary = connection_to(other);
  const Error refused = failure();
  EXPECT_EQ(refused.failure(), Failure::config);
  EXPECT_THAT(refused.what(), HasSubstr("different system identifiers"));
}

TEST_F(StandbyTest, HasNoStandbyForAPrimary) {
  primary = connection_to(standby_);
  const Error refused = failure();
  EXPECT_EQ(refused.failure(), Failure::transient);
  EXPECT_THAT(refused.what(), HasSubstr("a standby itself"));
}

TEST_F(StandbyTest, HasAPrimaryOfTheSameDatabase) {
  write("CREATE DATABASE elsewhere");
  primary->dsn = with(primary->dsn, "dbname=elsewhere");
  EXPECT_THAT(failure().what(), HasSubstr("database elsewhere"));
}

TEST_F(StandbyTest, HasNoPoolOfTransactionsForAPrimary) {
  primary->dsn = with(required_environment("ROWFERRY_TEST_PGBOUNCER"), "dbname=transaction");
  EXPECT_EQ(failure().reason(), "pooler");
}

TEST_F(StandbyTest, IsSweptWhenItHasReplayedTheMarkOfTheSweep) {
  pass();
  sql_in(*on_standby_, "SELECT pg_wal_replay_pause()");
  write("UPDATE s.film SET title = 'unstamped' WHERE id <= 4");
  type = RunType::sweep;
  EXPECT_EQ(failure().reason(), postgres::kStandbyLags);
  sql_in(*on_standby_, "SELECT pg_wal_replay_resume()");
  pass();
  expect_equal();
}

TEST_F(StandbyTest, GivesRowsByTheirKeysOnlyWhenItHasReplayedThem) {
  pass();
  sql_in(*on_standby_, "SELECT pg_wal_replay_pause()");
  write("UPDATE s.film SET title = 'newest', updated_at = clock_timestamp() WHERE id = 3");
  EXPECT_THROW(take_keys({"{\"id\":3}"}), Error);
  sql_in(*on_standby_, "SELECT pg_wal_replay_resume()");
  take_keys({"{\"id\":3}"});
  EXPECT_EQ(replica.rows["3"], "3|newest");
}

}  // namespace
}  // namespace rowferry::test
