// Rows that were deleted for good, where the application keeps their keys.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PostgresTombstone : public FilmTest {
 protected:
  PostgresTombstone() {
    sql("UPDATE film SET updated_at = '2020-01-01';"
        "CREATE TABLE gone (id bigint NOT NULL, deleted_at timestamptz NOT NULL DEFAULT"
        " clock_timestamp()); CREATE INDEX ON gone (deleted_at, id)");
    settings.tombstones.emplace();
    settings.tombstones->table = "s.gone";
    settings.tombstones->deleted_at = "deleted_at";
  }

  static std::string bury(const std::string& which) {
    return fmt::format(
        "WITH d AS (DELETE FROM film WHERE {} RETURNING id)"
        " INSERT INTO gone (id) SELECT id FROM d;",
        which);
  }
};

TEST_F(PostgresTombstone, RemovesTheRow) {
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(pass(), 0u);
  sql(bury("id IN (3, 50)"));
  EXPECT_EQ(pass(), 2u);
  EXPECT_EQ(replica.removals, 2u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
  restart();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresTombstone, OfARowThatIsThereAgainIsThatRow) {
  pass();
  sql(bury("id = 3"));
  sql("INSERT INTO film VALUES (3, 'again', '2020-01-01')");
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(replica.removals, 0u);
  expect_equal();
}

TEST_F(PostgresTombstone, OfARowThatIsDeletedAgainAndAgainCounts) {
  pass();
  for (int turn = 0; turn < 3; ++turn) {
    sql(bury("id = 3"));
    pass();
    expect_equal();
    sql("INSERT INTO film VALUES (3, 'again')");
    pass();
    expect_equal();
  }
}

TEST_F(PostgresTombstone, ThatIsCommittedLateIsFound) {
  pass();
  const auto late = session();
  sql_in(*late, "BEGIN;" + bury("id = 5"));
  sql(bury("id = 6"));
  EXPECT_EQ(pass(), 1u);
  sql_in(*late, "COMMIT");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

TEST_F(PostgresTombstone, FromBeforeTheFirstCopyIsNotRead) {
  sql("UPDATE film SET title = title; INSERT INTO gone (id) SELECT n"
      " FROM generate_series(1, 100) n");
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(replica.removals, 0u);
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresTombstone, MadeDuringTheFirstCopyIsRead) {
  settings.chunk_rows = 10;
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  sql(bury("id < 100"));
  while (next()) {
  }
  expect_equal();
}

TEST_F(PostgresTombstone, OfAnOlderCheckpointAreAllRead) {
  const postgres::TombstoneSettings given = *settings.tombstones;
  settings.tombstones.reset();
  pass();
  sql(bury("id < 11"));
  sql("UPDATE gone SET deleted_at = '2021-01-01'");
  EXPECT_EQ(pass(), 0u);
  settings.tombstones = given;
  restart();
  EXPECT_EQ(pass(), 10u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresTombstone, OfAnotherTableAreAllRead) {
  pass();
  sql("CREATE TABLE gone_too (LIKE gone INCLUDING ALL);" + bury("id = 1"));
  pass();
  sql("DELETE FROM film WHERE id = 2; INSERT INTO gone_too VALUES (2, '2021-01-01')");
  settings.tombstones->table = "s.gone_too";
  restart();
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

TEST_F(PostgresTombstone, AreReadOnWhereAKillInterrupted) {
  pass();
  sql(bury("id <= 60"));
  limits.rows_max = 10;
  open();
  for (int batch = 0; batch < 4; ++batch) {
    ASSERT_TRUE(next());
  }
  restart();
  EXPECT_LE(pass(), 40u);
  expect_equal();
}

TEST_F(PostgresTombstone, AndChangesComeInOnePass) {
  pass();
  sql(bury("id <= 60"));
  sql("UPDATE film SET title = 'loud', updated_at = clock_timestamp() WHERE id > 90");
  limits.rows_max = 7;
  EXPECT_EQ(pass(), 70u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresTombstone, OfAKeyOfSeveralColumnsNamesThemInItsOrder) {
  sql("CREATE TABLE part (shelf text, n integer, title text, updated_at timestamptz NOT NULL"
      " DEFAULT now(), PRIMARY KEY (shelf, n));"
      "INSERT INTO part SELECT 'a|\"\\', n, 'x' FROM generate_series(1, 5) n;"
      "CREATE TABLE part_gone (place smallint, rack varchar(9), at timestamp NOT NULL)");
  settings.table = "s.part";
  settings.columns.clear();
  settings.tombstones = postgres::TombstoneSettings{"s.part_gone", {"rack", "place"}, "at"};
  EXPECT_EQ(pass(), 5u);
  sql("DELETE FROM part WHERE n < 3; INSERT INTO part_gone SELECT n, 'a|\"\\', now() AT TIME ZONE"
      " 'UTC' FROM generate_series(1, 2) n; INSERT INTO part_gone VALUES (NULL, 'b', now())");
  EXPECT_EQ(pass(), 2u);
  EXPECT_EQ(replica.removals, 2u);
  EXPECT_EQ(replica.rows.size(), 3u);
}

TEST_F(PostgresTombstone, OfAViewAreReadByTheOverlap) {
  sql("CREATE VIEW seen_gone AS SELECT * FROM gone");
  settings.tombstones->table = "s.seen_gone";
  pass();
  sql(bury("id = 3"));
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
  sql("INSERT INTO film VALUES (3, 'again')");
  EXPECT_EQ(pass(), 1u);
  sql(bury("id = 3"));
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

// Whatever the sessions did last is that statement, and there is but one session.
TEST_F(PostgresTombstone, AnIdlePollCostsOneStatementForBoth) {
  server.sessions_max = 2;
  pass();
  pass();
  EXPECT_EQ(pass(), 0u);
  const std::string last =
      sql("SELECT query FROM pg_stat_activity WHERE datname = current_database()"
          " AND pid <> pg_backend_pid() AND state = 'idle' ORDER BY query_start DESC LIMIT 1");
  EXPECT_THAT(last, AllOf(HasSubstr("EXISTS (SELECT FROM \"s\".\"film\""),
                          HasSubstr("EXISTS (SELECT FROM \"s\".\"gone\"")));
}

TEST_F(PostgresTombstone, FollowsAnAlteredTable) {
  pass();
  sql("ALTER TABLE gone ADD note text");
  sql(bury("id = 4"));
  close();
  pass();
  expect_equal();
}

TEST_F(PostgresTombstone, IsRefusedWhereItCannotBeRead) {
  settings.tombstones->table = "s.nowhere";
  EXPECT_THAT(failure().what(), AllOf(HasSubstr("source.tombstones: "), HasSubstr("nowhere")));
  settings.tombstones->table = "s.gone";
  settings.tombstones->deleted_at = "at";
  restart();
  EXPECT_THAT(failure().what(),
              AllOf(HasSubstr("source.tombstones: "), HasSubstr("has no column at")));
  settings.tombstones->deleted_at = "deleted_at";
  settings.tombstones->key = {"film_id"};
  restart();
  EXPECT_THAT(failure().what(), HasSubstr("has no column film_id"));
  settings.tombstones->key = {"id", "deleted_at"};
  restart();
  EXPECT_THAT(failure().what(), HasSubstr("names 2 columns, and the key of film has 1 (id)"));
  settings.tombstones->key = {};
  sql("ALTER TABLE gone ALTER id TYPE text");
  restart();
  EXPECT_THAT(failure().what(), HasSubstr("column id of gone is text, and id of film is bigint"));
  sql("ALTER TABLE gone DROP id; ALTER TABLE gone ADD id integer NOT NULL");
  restart();
  EXPECT_EQ(pass(), 100u);
}

TEST_F(PostgresTombstone, WithoutThePrivilegeIsToldSo) {
  sql("DROP ROLE IF EXISTS film_reader; CREATE ROLE film_reader LOGIN;"
      "GRANT pg_read_all_stats TO film_reader;"
      "GRANT USAGE ON SCHEMA s TO film_reader; GRANT SELECT ON film TO film_reader");
  server.dsn = with(server.dsn, "user=film_reader");
  EXPECT_THAT(failure().what(), HasSubstr("permission denied for table gone"));
  sql("GRANT SELECT ON gone TO film_reader");
  restart();
  pass();
  expect_equal();
  restart();
  close();
  sql("DROP OWNED BY film_reader; DROP ROLE film_reader");
}

}  // namespace
}  // namespace rowferry::test
