#include "core/batch.hpp"

#include <gtest/gtest.h>

namespace rowferry::test {
namespace {

SchemaPointer two_columns() {
  Schema schema;
  schema.table = "films";
  schema.columns.resize(2);
  schema.columns[0].name = "id";
  schema.columns[1].name = "title";
  return std::make_shared<const Schema>(std::move(schema));
}

void add(Batch& batch, std::string_view id, std::string_view title) {
  const Cell first = batch.store(id);
  const Cell second = batch.store(title);
  Cell* cells = batch.add_row(Operation::upsert);
  cells[0] = first;
  cells[1] = second;
}

TEST(Batch, StartsRowsWithNulls) {
  Batch batch;
  batch.clear(two_columns());
  EXPECT_TRUE(batch.empty());
  batch.add_row(Operation::remove);
  EXPECT_EQ(batch.rows(), 1u);
  EXPECT_EQ(batch.operation(0), Operation::remove);
  EXPECT_TRUE(batch.cell(0, 0).is_null());
  EXPECT_TRUE(batch.cell(0, 1).is_null());
}

TEST(Batch, TellsAnEmptyCellFromNull) {
  Batch batch;
  batch.clear(two_columns());
  add(batch, "1", "");
  EXPECT_FALSE(batch.cell(0, 1).is_null());
  EXPECT_EQ(batch.value(0, 1), "");
}

TEST(Batch, KeepsRowsApart) {
  Batch batch;
  batch.clear(two_columns());
  add(batch, "1", "one");
  add(batch, "2", "two");
  EXPECT_EQ(batch.value(0, 1), "one");
  EXPECT_EQ(batch.value(1, 0), "2");
  EXPECT_EQ(batch.bytes(), 8u);
  batch.drop_last_row();
  EXPECT_EQ(batch.rows(), 1u);
  EXPECT_EQ(batch.value(0, 1), "one");
  add(batch, "3", "three");
  EXPECT_EQ(batch.value(1, 1), "three");
}

TEST(Batch, ForgetsEverythingWhenCleared) {
  Batch batch;
  batch.clear(two_columns());
  add(batch, "1", "one");
  batch.sequence = 5;
  batch.position.json = "{}";
  batch.issues.push_back({});
  batch.clear(two_columns());
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0u);
  EXPECT_EQ(batch.sequence, 0);
  EXPECT_TRUE(batch.position.json.empty());
  EXPECT_TRUE(batch.issues.empty());
}

TEST(Batch, GivesAPartNoPosition) {
  Batch whole;
  whole.clear(two_columns());
  for (const char* id : {"1", "2", "3"}) add(whole, id, "title");
  whole.set_operation(1, Operation::remove);
  whole.cell(2, 1) = Cell{};
  whole.sequence = 7;
  whole.position.json = "{}";
  Batch part;
  whole.copy_rows(1, 3, part);
  ASSERT_EQ(part.rows(), 2u);
  EXPECT_EQ(part.operation(0), Operation::remove);
  EXPECT_EQ(part.value(0, 0), "2");
  EXPECT_EQ(part.value(1, 0), "3");
  EXPECT_TRUE(part.cell(1, 1).is_null());
  EXPECT_EQ(part.sequence, 7);
  EXPECT_TRUE(part.position.json.empty());
}

TEST(Batch, CopiesARowBehindOthers) {
  Batch from;
  from.clear(two_columns());
  add(from, "1", "one");
  Batch to;
  to.clear(two_columns());
  add(to, "2", "two");
  from.append_row_to(0, to);
  from.clear(two_columns());
  EXPECT_EQ(to.value(1, 1), "one");
  EXPECT_EQ(to.value(0, 1), "two");
}

}  // namespace
}  // namespace rowferry::test
