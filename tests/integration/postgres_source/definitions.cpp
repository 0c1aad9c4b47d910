// What a table is: what cannot be read is said, what changes is followed.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PostgresTable : public FilmTest {
 protected:
  void expect_failure(Failure kind, const std::vector<std::string>& texts) {
    restart();
    const Error error = failure();
    EXPECT_EQ(error.failure(), kind) << error.what();
    for (const std::string& text : texts) {
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
  }
};

TEST_F(PostgresTable, ThatIsMissingIsNamed) {
  settings.table = "s.movie";
  expect_failure(Failure::transient, {"s.movie", "does not exist", "create it"});
  settings.table = "nowhere.film";
  expect_failure(Failure::transient, {"nowhere", "does not exist", "create it"});
}

TEST_F(PostgresTable, WithoutAColumnIsNamed) {
  settings.columns = {"id", "Title"};
  expect_failure(Failure::config, {"film", "Title", "it has: id, title, updated_at"});
  settings.columns = {};
  settings.key = {"nr"};
  expect_failure(Failure::config, {"film", "nr"});
  settings.key = {};
  settings.cursor = "modified";
  expect_failure(Failure::config, {"film", "modified"});
}

TEST_F(PostgresTable, WithoutAKeyNeedsOne) {
  sql("ALTER TABLE film DROP CONSTRAINT film_pkey");
  expect_failure(Failure::config, {"s.film", "no primary key", "source.key"});
}

TEST_F(PostgresTable, ThatTheRoleMayNotReadIsNamed) {
  sql("DROP ROLE IF EXISTS film_nobody; CREATE ROLE film_nobody LOGIN");
  server.dsn = with(server.dsn, "user=film_nobody");
  expect_failure(Failure::transient, {"schema s", "permission denied", "grant"});
  sql("GRANT USAGE ON SCHEMA s TO film_nobody");
  expect_failure(Failure::transient, {"table film", "permission denied", "grant"});
  sql("DROP OWNED BY film_nobody; DROP ROLE film_nobody");
}

TEST_F(PostgresTable, ThatIsNoneIsRefused) {
  sql("CREATE SEQUENCE numbers; CREATE TABLE nothing ()");
  settings.table = "s.numbers";
  expect_failure(Failure::config, {"s.numbers", "no table and no view"});
  settings.table = "s.nothing";
  settings.cursor.clear();
  settings.columns.clear();
  expect_failure(Failure::config, {"s.nothing", "no columns"});
}

TEST_F(PostgresTable, WithoutCtidCannotBeReadByIt) {
  sql("CREATE VIEW shown AS SELECT * FROM film");
  settings.table = "s.shown";
  settings.key = {"id"};
  settings.read_order = postgres::ReadOrder::ctid;
  expect_failure(Failure::config, {"read_order", "s.shown", "view", "key"});
}

TEST_F(PostgresTable, MayBeNamedAsInSql) {
  sql("CREATE TABLE \"Odd.\"\"Name\" (id int PRIMARY KEY, updated_at timestamptz DEFAULT now());"
      "INSERT INTO \"Odd.\"\"Name\" VALUES (1)");
  settings.table = " s . \"Odd.\"\"Name\" ";
  settings.columns.clear();
  EXPECT_EQ(open().schema->table, "Odd.\"Name");
  EXPECT_EQ(pass(), 1u);
}

TEST_F(PostgresTable, OnTheSearchPathIsTheFirst) {
  sql("CREATE SCHEMA IF NOT EXISTS later; DROP TABLE IF EXISTS later.film;"
      "CREATE TABLE later.film (id int)");
  settings.table = "film";
  server.dsn = with(server.dsn, "options='-c search_path=s,later'");
  EXPECT_EQ(pass(), 100u);
}

TEST_F(PostgresTable, IsKnownByItsKeyNotByWhatTheKeyIncludes) {
  sql("ALTER TABLE film DROP CONSTRAINT film_pkey;"
      "ALTER TABLE film ADD PRIMARY KEY (id) INCLUDE (title)");
  EXPECT_EQ(open().schema->identity.size(), 1u);
  pass();
  sql("UPDATE film SET title = 'included', updated_at = clock_timestamp() WHERE id = 1");
  EXPECT_EQ(pass(), 1u);
  expect_equal();
}

TEST_F(PostgresTable, MayHaveDroppedAndGeneratedColumns) {
  sql("ALTER TABLE film ADD a int, ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED;"
      "ALTER TABLE film DROP a");
  settings.columns.clear();
  EXPECT_EQ(pass(), 100u);
  EXPECT_THAT(replica.rows.at("21"), testing::EndsWith("|42"));
}

TEST_F(PostgresTable, MayGetColumns) {
  settings.columns.clear();
  pass();
  sql("ALTER TABLE film ADD colour text DEFAULT 'grey'");
  EXPECT_EQ(pass(), 0u);
  sql("UPDATE film SET colour = 'blue', updated_at = clock_timestamp() WHERE id = 7");
  EXPECT_EQ(failure().reason(), "definition");
  EXPECT_EQ(open().schema->columns.size(), 4u);
  EXPECT_EQ(pass(), 1u);
  EXPECT_THAT(replica.rows.at("7"), testing::EndsWith("|blue"));
  EXPECT_THAT(loop.logged(), AllOf(HasSubstr("colour"), HasSubstr("full run")));
}

TEST_F(PostgresTable, MayLoseColumns) {
  sql("ALTER TABLE film ADD colour text");
  settings.columns.clear();
  pass();
  sql("ALTER TABLE film DROP colour;"
      "UPDATE film SET title = 'c', updated_at = clock_timestamp() WHERE id = 7");
  EXPECT_EQ(failure().reason(), "42703");
  EXPECT_EQ(pass(), 1u);
  EXPECT_EQ(open().schema->columns.size(), 3u);
}

// Bytes of the new type are never taken for the old one, and the job stops; after a restart, too.
TEST_F(PostgresTable, MayNotChangeTypes) {
  sql("ALTER TABLE film ADD price integer; UPDATE film SET price = id");
  settings.columns = {"id", "title", "price"};
  pass();
  sql("ALTER TABLE film ALTER price TYPE real;"
      "UPDATE film SET price = 1.5, updated_at = clock_timestamp() WHERE id = 7");
  EXPECT_EQ(failure().reason(), "definition");
  EXPECT_EQ(replica.rows.at("7"), "7|film 7|7");
  for (int round = 0; round < 2; ++round) {
    const Error error = failure();
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("s.film"), HasSubstr("price was integer and is real"),
                                    HasSubstr("--full")));
    restart();
  }
  position = {};
  type = RunType::full;
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(replica.rows.at("7"), "7|film 7|1.5");
}

TEST_F(PostgresTable, MayChangeItsTypeInTheMiddleOfACopy) {
  sql("ALTER TABLE film ADD price integer; UPDATE film SET price = id");
  settings.columns = {"id", "price"};
  limits.rows_max = 10;
  open();
  ASSERT_TRUE(next());
  close();
  sql("ALTER TABLE film ALTER price TYPE text USING 'p' || price");
  EXPECT_TRUE(open().starts_over);
  while (next()) {
  }
  EXPECT_EQ(replica.rows.at("1"), "1|p1");
}

// How far a pass was, told by another key, says nothing.
TEST_F(PostgresTable, MayBeReadByAnotherKeyInTheMiddleOfAPass) {
  sql("ALTER TABLE film ADD nr int; UPDATE film SET nr = 100 - id");
  pass();
  sql("UPDATE film SET title = 'k', updated_at = clock_timestamp()");
  limits.rows_max = 30;
  open();
  ASSERT_TRUE(next());
  settings.key = {"nr", "id"};
  restart();
  replica = {};
  EXPECT_EQ(pass(), 100u);
}

}  // namespace
}  // namespace rowferry::test
