// Where exact polling cannot be had, or is not wanted; and keys of every kind.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

class PostgresMode : public FilmTest {};

TEST_F(PostgresMode, WithoutStatisticsPromisesOnlyTheOverlap) {
  sql("DROP ROLE IF EXISTS film_reader; CREATE ROLE film_reader LOGIN;"
      "GRANT USAGE ON SCHEMA s TO film_reader; GRANT SELECT ON film TO film_reader");
  server.dsn = with(server.dsn, "user=film_reader");
  EXPECT_EQ(open().guarantee, "overlap");
  pass();
  expect_equal();
  sql("UPDATE film SET title = 'o', updated_at = clock_timestamp() WHERE id = 4");
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(pass(), 0u);
  sql("UPDATE film SET title = 'p', updated_at = clock_timestamp() WHERE id = 4");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  EXPECT_THAT(loop.logged(), HasSubstr("pg_read_all_stats"));
  // From here on every row is told by its transaction again.
  sql("GRANT pg_read_all_stats TO film_reader");
  loop.clock().advance(std::chrono::minutes(11));
  EXPECT_EQ(open().guarantee, "exact");
  pass();
  sql("UPDATE film SET title = 'q', updated_at = clock_timestamp() WHERE id = 4");
  EXPECT_EQ(pass(), 1u);
  sql("REVOKE pg_read_all_stats FROM film_reader");
  restart();
  EXPECT_EQ(open().guarantee, "overlap");
  sql("UPDATE film SET title = 'r', updated_at = clock_timestamp() WHERE id = 4");
  pass();
  expect_equal();
  close();
  sql("DROP OWNED BY film_reader; DROP ROLE film_reader");
}

TEST_F(PostgresMode, OfAViewSendsWhatTheOverlapShowsOnce) {
  sql("CREATE VIEW seen_film AS SELECT * FROM film");
  settings.table = "seen_film";
  settings.key = {"id"};
  server.dsn = with(server.dsn, "options='-c search_path=s'");
  EXPECT_EQ(open().guarantee, "overlap");
  pass();
  pass();
  sql("UPDATE film SET title = 'v', updated_at = clock_timestamp() WHERE id = 4");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
  // A pass that is broken off leaves nothing behind that could hide a row.
  sql("UPDATE film SET title = 'w', updated_at = clock_timestamp() WHERE id <= 50");
  const Position before = position;
  const Replica kept = replica;
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  position = before;
  replica = kept;
  pass();
  expect_equal();
}

TEST_F(PostgresMode, WithoutLateCommitsFollowsTheGreatestCursor) {
  settings.late_commits = postgres::LateCommits::off;
  sql("UPDATE film SET updated_at = 'infinity' WHERE id = 1");
  EXPECT_EQ(open().guarantee, "off");
  pass();
  sql("UPDATE film SET title = 'off', updated_at = clock_timestamp() WHERE id = 9");
  pass();
  expect_equal();
}

TEST_F(PostgresMode, TellsRowsApartByAllOfAKey) {
  sql("CREATE TABLE part (\"odd \"\"col\" text COLLATE \"C\", b uuid, c numeric, \"Select\" text,"
      " updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (c, \"odd \"\"col\", b));"
      "INSERT INTO part SELECT x, gen_random_uuid(), n, 'v' FROM generate_series(0, 3) n,"
      " unnest(ARRAY['', ' ', '''', '\"', E'\\\\', E'\\n', '|', '%', U&'\\00e9', 'Z', 'a', '$1',"
      " 'E''x', '--', U&'\\+01F3AC']) x");
  settings.table = "s.\"part\"";
  settings.columns = {"Select"};
  limits.rows_max = 1;
  EXPECT_EQ(pass(), 60u);
  sql("UPDATE part SET \"Select\" = 'w', updated_at = now()");
  EXPECT_EQ(pass(), 60u);
  EXPECT_EQ(replica.rows,
            rows_of("SELECT concat_ws('|', c, \"odd \"\"col\", b), \"Select\" FROM part"));
}

TEST_F(PostgresMode, PagesInTheOrderOfTheColumnsOwnCollation) {
  sql("CREATE DOMAIN name_c AS text COLLATE \"C\";"
      "CREATE TABLE names (n name_c COLLATE \"en-x-icu\" PRIMARY KEY, m char(3),"
      " updated_at timestamptz NOT NULL DEFAULT now());"
      "INSERT INTO names SELECT "
      "unnest(ARRAY['a','B','c','D','\xc3\xa9','z','Z','_','1','\xc3\x9f'])");
  settings.table = "names";
  settings.columns = {};
  server.dsn = with(server.dsn, "options='-c search_path=s'");
  limits.rows_max = 3;
  EXPECT_EQ(pass(), 10u);
  sql("UPDATE names SET m = 'x', updated_at = '2100-01-01'");
  EXPECT_EQ(pass(), 10u);
  settings.key = {"m", "n"};
  position = {};
  restart();
  EXPECT_EQ(pass(), 10u);
}

}  // namespace
}  // namespace rowferry::test
