// Exact polling on a real server: schedules of transactions that a cursor alone would lose.
#include <fstream>

#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PostgresPoll : public FilmTest {
 protected:
  /// Statements that the server has logged for the source's sessions.
  int logged_statements() {
    const std::string folder = required_environment("ROWFERRY_SERVICES_DIR");
    std::ifstream log(folder + "/postgres/server.log");
    int count = 0;
    for (std::string line; std::getline(log, line);) {
      const bool is_ours = line.find(mark_) != std::string::npos;
      count += is_ours && line.find("LOG:  ") != std::string::npos ? 1 : 0;
    }
    return count;
  }

  std::string mark_ = fmt::format("source_test_{}", getpid());
};

TEST_F(PostgresPoll, CopiesAndThenFindsChanges) {
  EXPECT_EQ(open().guarantee, "exact");
  EXPECT_EQ(pass(), 100u);
  expect_equal();
  sql("UPDATE film SET title = 'new', updated_at = clock_timestamp() WHERE id = 7");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
  restart();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresPoll, FindsWhatCommitsLate) {
  const auto early = session();
  sql_in(*early,
         "BEGIN; UPDATE film SET title = 'late', updated_at = clock_timestamp()"
         " WHERE id = 1");
  pass();
  sql("UPDATE film SET title = 'soon', updated_at = clock_timestamp() WHERE id = 2");
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(pass(), 0u);
  sql_in(*early, "COMMIT");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

// It holds the snapshot's xmin: what was sent is told by `seen` alone.
TEST_F(PostgresPoll, SendsNothingAgainBesideALongTransaction) {
  pass();
  const auto reader = session();
  sql_in(*reader, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM film");
  const auto writer = session();
  sql_in(*writer, "BEGIN; SELECT pg_current_xact_id()");
  for (int round = 0; round < 5; ++round) {
    sql("UPDATE film SET title = 'r', updated_at = clock_timestamp() WHERE id <= 3");
    EXPECT_EQ(pass(), 3u);
    EXPECT_EQ(pass(), 0u);
  }
  sql_in(*writer, "INSERT INTO film VALUES (1000, 'last'); COMMIT");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

// The end of the log is its rows then, which nobody writes to disk for a quarter of a minute.
TEST_F(PostgresPoll, DoesNotWaitForTheLogOfATransactionThatGoesOn) {
  const auto other = session();
  sql_in(*other, "BEGIN; INSERT INTO film VALUES (1001, 'open')");
  const auto begun = std::chrono::steady_clock::now();
  pass();
  for (int round = 0; round < 3; ++round) {
    sql(fmt::format("UPDATE film SET title = 'w{}', updated_at = clock_timestamp() WHERE id = 1",
                    round));
    sql_in(*other, "UPDATE film SET title = title || '.' WHERE id = 1001");
    EXPECT_EQ(pass(), 1u);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(6));
  expect_equal();
}

TEST_F(PostgresPoll, FindsSubtransactions) {
  const auto other = session();
  sql_in(*other,
         "BEGIN; UPDATE film SET title = 'top', updated_at = now() WHERE id = 1;"
         "SAVEPOINT a; UPDATE film SET title = 'sub', updated_at = now() WHERE id = 2;"
         "SAVEPOINT b; UPDATE film SET title = 'gone', updated_at = now() WHERE id = 3;"
         "ROLLBACK TO b");
  pass();
  sql("UPDATE film SET title = 'x', updated_at = clock_timestamp() WHERE id = 9");
  EXPECT_EQ(pass(), 1u);
  sql_in(*other, "COMMIT");
  EXPECT_EQ(pass(), 2u);
  expect_equal();
}

TEST_F(PostgresPoll, FindsExceptionBlocks) {
  pass();
  const auto other = session();
  sql_in(*other,
         "BEGIN; DO $$ BEGIN FOR n IN 1..50 LOOP BEGIN"
         " UPDATE film SET title = 'e' || n, updated_at = now() WHERE id = n;"
         " IF n % 10 = 0 THEN RAISE division_by_zero; END IF;"
         " EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$");
  sql("UPDATE film SET title = 'y', updated_at = clock_timestamp() WHERE id = 99");
  EXPECT_EQ(pass(), 1u);
  sql_in(*other, "COMMIT");
  EXPECT_EQ(pass(), 45u);
  expect_equal();
}

TEST_F(PostgresPoll, FindsPreparedTransactions) {
  pass();
  const auto other = session();
  sql_in(*other,
         "BEGIN; UPDATE film SET title = 'p', updated_at = now() WHERE id = 5;"
         "PREPARE TRANSACTION 'films'");
  sql("UPDATE film SET title = 'q', updated_at = clock_timestamp() WHERE id = 6");
  EXPECT_EQ(pass(), 1u);
  restart();
  EXPECT_EQ(pass(), 0u);
  sql("COMMIT PREPARED 'films'");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

// Nothing tells when it began, as long as it is there.
TEST_F(PostgresPoll, HasNoBoundBesideATransactionPreparedBeforeTheCopy) {
  const auto other = session();
  sql_in(*other,
         "BEGIN; UPDATE film SET title = 'p', updated_at = '2001-01-01' WHERE id = 5;"
         "PREPARE TRANSACTION 'films'");
  pass();
  EXPECT_EQ(where().done->low, "-infinity");
  EXPECT_EQ(pass(), 0u);
  EXPECT_EQ(where().done->low, "-infinity");
  sql("COMMIT PREPARED 'films'");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  EXPECT_NE(where().done->low, "-infinity");
}

TEST_F(PostgresPoll, LeavesNoBoundAloneOnceThePreparedOneIsGone) {
  const auto other = session();
  sql_in(*other, "BEGIN; INSERT INTO film VALUES (500, 'p'); PREPARE TRANSACTION 'films'");
  pass();
  sql("ROLLBACK PREPARED 'films'");
  EXPECT_EQ(pass(), 0u);
  EXPECT_NE(where().done->low, "-infinity");
}

TEST_F(PostgresPoll, CostsOneQueryWhileNothingHappens) {
  server.dsn = with(server.dsn, "application_name=" + mark_ + " options='-c log_statement=all'");
  pass();
  pass();
  const int before = logged_statements();
  ASSERT_GT(before, 0);
  for (int poll = 0; poll < 10; ++poll) {
    EXPECT_EQ(pass(), 0u);
  }
  EXPECT_EQ(logged_statements() - before, 10);
}

// A position that nobody saved, as a job that gives its lock back between polls has it.
TEST_F(PostgresPoll, CostsOneQueryAlsoFromTheSavedPosition) {
  server.dsn = with(server.dsn, "application_name=" + mark_ + "_ options='-c log_statement=all'");
  pass();
  restart();
  const Position saved = position;
  pass();
  const int before = logged_statements();
  for (int poll = 0; poll < 10; ++poll) {
    position = saved;
    EXPECT_EQ(pass(), 0u);
  }
  EXPECT_EQ(logged_statements() - before, 10);
}

TEST_F(PostgresPoll, GoesOnInTheMiddleOfAPass) {
  pass();
  sql("UPDATE film SET title = 'again', updated_at = clock_timestamp()");
  limits.rows_max = 30;
  open();
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  restart();
  EXPECT_EQ(pass(), 40u);
  expect_equal();
}

TEST_F(PostgresPoll, MakesPagesLongAgainBehindALargeRow) {
  pass();
  sql("UPDATE film SET title = repeat('x', 5000), updated_at = clock_timestamp() WHERE id <= 3;"
      "UPDATE film SET title = 'small', updated_at = clock_timestamp() WHERE id > 3");
  limits.bytes_max = 6000;
  open();
  int batches = 0;
  while (next()) {
    ++batches;
  }
  EXPECT_LT(batches, 12);
  expect_equal();
}

TEST_F(PostgresPoll, SendsEverythingInBoundsWhenTheIdsWentBack) {
  pass();
  postgres::SourcePosition base = where();
  base.done->xmin += 1'000'000;
  position = postgres::encode(base);
  restart();
  sql("UPDATE film SET title = 'z', updated_at = clock_timestamp() WHERE id = 8");
  EXPECT_EQ(pass(), 100u);
  expect_equal();
}

TEST_F(PostgresPoll, SendsEverythingInBoundsOnAnotherIncarnation) {
  pass();
  postgres::SourcePosition base = where();
  base.done->incarnation += " before";
  base.done->seen.clear();
  position = postgres::encode(base);
  EXPECT_EQ(pass(), 100u);
}

TEST_F(PostgresPoll, RefusesAnotherSystem) {
  pass();
  postgres::SourcePosition base = where();
  base.done->incarnation = "1/00000001/now";
  position = postgres::encode(base);
  EXPECT_THAT(failure().what(), HasSubstr("system identifier"));
}

// And the bound stays away when the pass goes on after a restart.
TEST_F(PostgresPoll, HasNoBoundWhenTheClockWentBack) {
  pass();
  postgres::SourcePosition base = where();
  base.done->low = "2100-01-01 00:00:00+00";
  position = postgres::encode(base);
  sql("UPDATE film SET title = 'back' || id, updated_at = clock_timestamp() WHERE id <= 50");
  limits.rows_max = 20;
  open();
  ASSERT_TRUE(next());
  EXPECT_TRUE(where().pages->unbounded);
  restart();
  pass();
  expect_equal();
  EXPECT_LT(where().done->low, "2100");
}

TEST_F(PostgresPoll, ReadsRowsWithoutACursor) {
  sql("ALTER TABLE film ALTER updated_at DROP NOT NULL;"
      "UPDATE film SET updated_at = NULL WHERE id <= 10");
  pass();
  expect_equal();
  const auto holder = session();
  sql_in(*holder, "BEGIN; SELECT pg_current_xact_id()");
  sql("UPDATE film SET title = 'null' WHERE id IN (1, 2)");
  EXPECT_EQ(pass(), 2u);
  EXPECT_EQ(pass(), 0u);
  sql("UPDATE film SET title = 'other', updated_at = 'infinity' WHERE id = 3;"
      "UPDATE film SET title = 'other', updated_at = '-infinity' WHERE id = 4;"
      "INSERT INTO film VALUES (2000, 'BC', '0044-03-15 BC')");
  limits.rows_max = 1;
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(replica.rows.at("3"), "3|other");
}

TEST_F(PostgresPoll, RemovesRowsThatLeave) {
  settings.where = "title LIKE 'film%' -- only these";
  settings.deleted_column = "gone_at";
  sql("ALTER TABLE film ADD gone_at timestamptz; UPDATE film SET gone_at = now() WHERE id = 1");
  pass();
  EXPECT_EQ(replica.rows.size(), 99u);
  sql("UPDATE film SET title = 'other', updated_at = clock_timestamp() WHERE id = 2;"
      "UPDATE film SET gone_at = now(), updated_at = clock_timestamp() WHERE id = 3;"
      "UPDATE film SET gone_at = NULL, updated_at = clock_timestamp() WHERE id = 1");
  EXPECT_EQ(pass(), 3u);
  EXPECT_EQ(replica.rows,
            rows_of(std::string(kFilms) + " WHERE title LIKE 'film%' AND gone_at IS NULL"));
}

TEST_F(PostgresPoll, TakesCursorsWithoutZoneAndDates) {
  for (const char* cursor : {"timestamp", "date", "timestamp(0)", "stamp"}) {
    sql(
        fmt::format("DROP TABLE IF EXISTS film; DROP DOMAIN IF EXISTS stamp;"
                    "CREATE DOMAIN stamp AS timestamptz(3) CHECK (value > '1900-01-01');"
                    "CREATE TABLE film (id int PRIMARY KEY, title text, updated_at {});"
                    "INSERT INTO film SELECT n, 'a', now() FROM generate_series(1, 9) n",
                    cursor));
    position = {};
    replica = {};
    restart();
    pass();
    limits.rows_max = 2;
    sql("SET TimeZone = 'America/New_York';"
        "UPDATE film SET title = 'b', updated_at = now() WHERE id <= 5; RESET TimeZone");
    EXPECT_EQ(pass(), 5u) << cursor;
    expect_equal();
    EXPECT_EQ(pass(), 0u) << cursor;
  }
}

TEST_F(PostgresPoll, ReadsCursorsByTheClockOfTheirZone) {
  constexpr const char* kUpdate =
      "SET TimeZone = 'America/New_York';"
      "UPDATE film SET title = title || '!', updated_at = now() WHERE id <= 5; RESET TimeZone";
  sql("ALTER TABLE film ALTER updated_at TYPE timestamp USING updated_at AT TIME ZONE 'UTC'");
  settings.cursor_timezone = "America/New_York";
  pass();
  for (const auto mode : {postgres::LateCommits::exact, postgres::LateCommits::overlap}) {
    settings.late_commits = mode;
    restart();
    pass();
    sql(kUpdate);
    EXPECT_EQ(pass(), 5u);
    expect_equal();
  }
  // The bound is where the zone says: under another zone's clock it lies in the future.
  settings.cursor_timezone = "Asia/Tokyo";
  settings.late_commits = postgres::LateCommits::exact;
  restart();
  pass();
  sql(kUpdate);
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresPoll, RefusesAZoneForCursorsThatHaveOne) {
  settings.cursor_timezone = "America/New_York";
  EXPECT_THAT(failure().what(), HasSubstr("take cursor_timezone out"));
}

TEST_F(PostgresPoll, RefusesCursorsThatAreNoTime) {
  settings.cursor = "title";
  EXPECT_THAT(failure().what(), AllOf(HasSubstr("source.cursor"), HasSubstr("title")));
}

}  // namespace
}  // namespace rowferry::test
