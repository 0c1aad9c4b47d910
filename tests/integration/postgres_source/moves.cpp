// Rows that come into the table, or move in it, without a transaction that a poll would see.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

class PostgresMove : public FilmTest {};

TEST_F(PostgresMove, OfATableUnderTheNameOfAnotherIsACopy) {
  sql("CREATE TABLE film_new (LIKE film INCLUDING ALL);"
      "INSERT INTO film_new SELECT n, 'new ' || n FROM generate_series(1, 120) n");
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(pass(), 0u);
  sql("ALTER TABLE film RENAME TO film_old; ALTER TABLE film_new RENAME TO film");
  EXPECT_EQ(failure().failure(), Failure::stale);
  close();
  EXPECT_EQ(pass(), 120u);
  expect_equal();
  EXPECT_THAT(loop.logged(), HasSubstr("another one than before"));
  EXPECT_EQ(pass(), 0u);
}

TEST_F(PostgresMove, IsFoundAfterARestart) {
  sql("CREATE TABLE film_new (LIKE film INCLUDING ALL);"
      "INSERT INTO film_new SELECT n, 'new ' || n FROM generate_series(1, 120) n");
  EXPECT_EQ(pass(), 100u);
  sql("ALTER TABLE film RENAME TO film_old; ALTER TABLE film_new RENAME TO film");
  restart();
  EXPECT_EQ(pass(), 120u);
  expect_equal();
}

class AttachedPartition : public FilmTest {
 protected:
  AttachedPartition() {
    sql("DROP TABLE film; CREATE TABLE film (id bigint, title text NOT NULL, updated_at timestamptz"
        " NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (id)) PARTITION BY RANGE (id);"
        "CREATE TABLE film_1 PARTITION OF film FOR VALUES FROM (1) TO (101);"
        "INSERT INTO film SELECT n, 'film ' || n FROM generate_series(1, 100) n;"
        "CREATE TABLE film_2 (LIKE film INCLUDING DEFAULTS);"
        "ALTER TABLE film_2 ADD PRIMARY KEY (id);"
        "INSERT INTO film_2 SELECT n, 'film ' || n FROM generate_series(101, 150) n");
  }

  static constexpr const char* kAttach =
      "ALTER TABLE film ATTACH PARTITION film_2 FOR VALUES FROM (101) TO (201)";
};

TEST_F(AttachedPartition, IsCopied) {
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(pass(), 0u);
  sql(kAttach);
  EXPECT_EQ(failure().failure(), Failure::stale);
  close();
  EXPECT_EQ(pass(), 50u);
  expect_equal();
  EXPECT_EQ(pass(), 0u);
  restart();
  EXPECT_EQ(pass(), 0u);
}

TEST_F(AttachedPartition, IsCopiedOnAfterAKill) {
  EXPECT_EQ(pass(), 100u);
  sql(kAttach);
  sql("UPDATE film SET title = 'meanwhile', updated_at = clock_timestamp() WHERE id = 3");
  restart();
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  restart();
  while (pass() > 0) {
  }
  expect_equal();
  EXPECT_LE(replica.upserts, 100u + 50u + 11u);
}

TEST_F(AttachedPartition, ThatIsEmptyCostsNothing) {
  EXPECT_EQ(pass(), 100u);
  sql("CREATE TABLE film_3 PARTITION OF film FOR VALUES FROM (301) TO (401)");
  EXPECT_EQ(failure().failure(), Failure::stale);
  close();
  EXPECT_EQ(pass(), 0u);
  sql("INSERT INTO film VALUES (301, 'third')");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

TEST_F(AttachedPartition, OfAnotherOrderMakesACopyOfAll) {
  settings.read_order = postgres::ReadOrder::key;
  EXPECT_EQ(pass(), 100u);
  sql(kAttach);
  restart();
  EXPECT_EQ(pass(), 150u);
  expect_equal();
}

// The update leaves the cursor as it was: the poll's bound of time does not show the row, and the
// ranges that it moved into have passed.
TEST_F(PostgresMove, WithinATableThatIsCopiedLosesNoRow) {
  sql("DROP TABLE film; CREATE TABLE film (id bigint PRIMARY KEY, title text NOT NULL, updated_at"
      " timestamptz NOT NULL DEFAULT '2025-01-01', pad text) WITH (autovacuum_enabled = off);"
      "INSERT INTO film SELECT n, 'film ' || n, '2025-01-01', repeat('p', 150)"
      " FROM generate_series(1, 6000) n");
  sql("DELETE FROM film WHERE id <= 2000");
  sql("VACUUM film");
  settings.chunk_rows = 500;
  limits.rows_max = 100;
  open();
  for (int batch = 0; batch < 10; ++batch) {
    ASSERT_TRUE(next());
  }
  sql("UPDATE film SET pad = 'q' || pad WHERE id > 5000");
  while (next()) {
  }
  EXPECT_EQ(replica.rows.size(), 4000u);
  expect_equal();
}

TEST_F(PostgresMove, IsFoundAfterAKillBehindTheCopy) {
  settings.chunk_rows = 30;
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  sql("UPDATE film SET title = title || '!', updated_at = '2025-01-01' WHERE id > 50");
  while (!where().sweep && next()) {
  }
  restart();
  EXPECT_TRUE(where().sweep);
  pass();
  expect_equal();
  EXPECT_FALSE(where().sweep);
}

TEST_F(PostgresMove, OutOfTheConditionIsARemovalOfAFullRunWhereThatIsAskedFor) {
  EXPECT_EQ(pass(), 100u);
  settings.where = "id > 50";
  for (const postgres::ReadOrder order : {postgres::ReadOrder::ctid, postgres::ReadOrder::key}) {
    settings.read_order = order;
    restart();
    position = {};
    type = RunType::full;
    removes_unselected = true;
    pass();
    EXPECT_EQ(replica.rows.size(), 50u);
  }
}

TEST_F(PostgresMove, OutOfTheConditionIsRememberedByACopyThatGoesOn) {
  EXPECT_EQ(pass(), 100u);
  settings.where = "id > 50";
  settings.chunk_rows = 20;
  limits.rows_max = 10;
  restart();
  position = {};
  type = RunType::full;
  removes_unselected = true;
  open();
  ASSERT_TRUE(next());
  removes_unselected = false;
  restart();
  pass();
  EXPECT_EQ(replica.rows.size(), 50u);
}

}  // namespace
}  // namespace rowferry::test
