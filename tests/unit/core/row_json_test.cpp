#include "core/row_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

/// `id integer` (identity), `a"b text`, and a hidden `hidden integer`, of the identity too.
SchemaPointer schema() {
  Schema made;
  made.columns.resize(3);
  made.columns[0].name = "id";
  made.columns[0].type = scalar(ColumnType::int32);
  made.columns[1].name = "a\"b";
  made.columns[2].name = "hidden";
  made.columns[2].type = scalar(ColumnType::int32);
  made.columns[2].identity_only = true;
  made.identity = {2, 0};
  return std::make_shared<const Schema>(std::move(made));
}

Batch one_row(const std::string& id) {
  Batch batch;
  batch.clear(schema());
  const Cell first = batch.store(id);
  const Cell last = batch.store(big_endian(9));
  Cell* cells = batch.add_row(Operation::upsert);
  cells[0] = first;
  cells[2] = last;
  return batch;
}

TEST(JsonRowEncoder, LeavesHiddenColumnsOut) {
  const Batch batch = one_row(big_endian(1));
  Buffer out;
  JsonRowEncoder(batch.schema_pointer()).append_row(batch, 0, out);
  EXPECT_EQ(out.view(), R"({"id":1,"a\"b":null})");
}

TEST(JsonRowEncoder, WritesHiddenColumnsWhereTheyAreAskedFor) {
  const Batch batch = one_row(big_endian(1));
  Buffer out;
  JsonRowEncoder(batch.schema_pointer(), IdentityColumns::written).append_row(batch, 0, out);
  EXPECT_THAT(std::string(out.view()), testing::HasSubstr(R"("hidden":9)"));
}

TEST(JsonRowEncoder, TakesADamagedRowBack) {
  const Batch batch = one_row("abc");
  Buffer out;
  out.append("before");
  try {
    JsonRowEncoder(batch.schema_pointer()).append_row(batch, 0, out);
    FAIL();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("column id: "));
  }
  EXPECT_EQ(out.view(), "before");
}

TEST(JsonRowEncoder, WritesAnEmptyObjectForNoColumns) {
  Batch batch;
  batch.clear(std::make_shared<const Schema>());
  batch.add_row(Operation::upsert);
  Buffer out;
  JsonRowEncoder(batch.schema_pointer()).append_row(batch, 0, out);
  append_key_json(batch, 0, out);
  EXPECT_EQ(out.view(), "{}{}");
}

TEST(KeyJson, IsTheIdentityInItsOrder) {
  const Batch batch = one_row(big_endian(1));
  Buffer out;
  append_key_json(batch, 0, out);
  EXPECT_EQ(out.view(), R"({"hidden":9,"id":1})");
}

}  // namespace
}  // namespace rowferry::test
