// Keys that do not do what a key should: rows with NULL in them, and several rows of one key. A
// page goes on behind the last key, so both could be passed over.
#include "tests/integration/postgres_source/film_table.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;

class PostgresKey : public FilmTest {
 protected:
  PostgresKey() {
    sql("ALTER TABLE film DROP CONSTRAINT film_pkey; ALTER TABLE film ALTER id DROP NOT NULL");
    settings.key = {"id"};
  }
};

class NullInKey : public PostgresKey, public testing::WithParamInterface<postgres::ReadOrder> {
 protected:
  NullInKey() {
    settings.read_order = GetParam();
    sql("UPDATE film SET id = NULL WHERE id > 90");
  }
};

INSTANTIATE_TEST_SUITE_P(EachOrder, NullInKey,
                         testing::Values(postgres::ReadOrder::ctid, postgres::ReadOrder::key));

TEST_P(NullInKey, RowsAreHandedOutByCopyAndPoll) {
  limits.rows_max = 20;
  EXPECT_EQ(pass(), 100u);
  sql("UPDATE film SET title = title || '!', updated_at = clock_timestamp()");
  EXPECT_EQ(pass(), 100u);
  EXPECT_EQ(pass(), 0u);
  sql("UPDATE film SET title = 'one', updated_at = clock_timestamp() WHERE id IS NULL AND"
      " title = 'film 95!'");
  EXPECT_EQ(pass(), 1u);
}

TEST_P(NullInKey, RowsWithoutACursorAreHandedOut) {
  sql("ALTER TABLE film ALTER updated_at DROP NOT NULL; UPDATE film SET updated_at = NULL WHERE"
      " id IS NULL OR id <= 5");
  EXPECT_EQ(pass(), 100u);
  sql("UPDATE film SET title = 'x' WHERE id IS NULL OR id <= 5");
  EXPECT_EQ(pass(), 15u);
}

TEST_F(PostgresKey, HoldingMoreNullsThanAPageIsRefused) {
  pass();
  limits.rows_max = 8;
  sql("UPDATE film SET id = NULL, updated_at = clock_timestamp() WHERE id > 90");
  const Error error = failure();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("NULL in a key column (id)"));
}

class DoubleKey : public PostgresKey, public testing::WithParamInterface<postgres::ReadOrder> {
 protected:
  DoubleKey() {
    settings.read_order = GetParam();
    sql("UPDATE film SET id = (id + 6) / 7, updated_at = '2026-01-01'");
  }
};

INSTANTIATE_TEST_SUITE_P(EachOrder, DoubleKey,
                         testing::Values(postgres::ReadOrder::ctid, postgres::ReadOrder::key));

TEST_P(DoubleKey, RowsOfOneKeyAreHandedOutTogether) {
  limits.rows_max = 10;
  EXPECT_EQ(pass(), 100u);
  sql("UPDATE film SET title = title || '!', updated_at = '2026-01-01'");
  EXPECT_EQ(pass(), 0u);  // Stamped far back: the sweep's.
  sql("UPDATE film SET title = title || '!', updated_at = '2030-01-01'");
  EXPECT_EQ(pass(), 100u);
}

TEST_P(DoubleKey, ARestartGoesOnBehindAllRowsOfAKey) {
  limits.rows_max = 10;
  std::size_t rows = 0;
  open();
  while (next()) {
    close();
    restart();
    open();
  }
  rows = replica.upserts;
  EXPECT_GE(rows, 100u);
  EXPECT_LE(rows, 107u);
}

}  // namespace
}  // namespace rowferry::test
