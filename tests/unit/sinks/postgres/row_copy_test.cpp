#include "sinks/postgres/row_copy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_rows.hpp"

namespace rowferry::postgres_sink {
namespace {

using test::make_batch;
using test::removal;
using test::test_schema;

const std::string kHead("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
const std::string kTail("\xff\xff", 2);

WritePlan plan_of(std::vector<std::size_t> indexes) {
  WritePlan plan;
  for (const std::size_t index : indexes) {
    WrittenColumn column;
    column.index = index;
    plan.columns.push_back(column);
  }
  return plan;
}

std::string number(std::int64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>((value >> shift) & 0xff);
  }
  return text;
}

std::string field(const std::string& bytes) {
  return number(static_cast<std::int64_t>(bytes.size()), 4) + bytes;
}

std::string encoded(const Batch& batch, const WritePlan& plan, RowHead head) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    rows.push_back(row);
  }
  RowCopy copy(batch, plan, rows, head);
  std::string all;
  Buffer piece;
  for (bool more = true; more;) {
    piece.clear();
    more = copy.next(piece);
    all += piece.view();
  }
  EXPECT_EQ(copy.bytes(), all.size());
  return all;
}

// A tuple of COPY as the block of a batch holds it.
Batch batch_of_tuples(const std::vector<std::vector<std::string>>& tuples) {
  Batch batch;
  batch.clear(test_schema({"note", "more"}));
  for (const auto& tuple : tuples) {
    batch.block().append(number(static_cast<std::int64_t>(tuple.size()), 2));
    std::vector<Cell> cells;
    for (const std::string& value : tuple) {
      const bool is_null = value == "NULL";
      batch.block().append(is_null ? std::string(4, '\xff')
                                   : number(static_cast<std::int64_t>(value.size()), 4));
      cells.push_back(is_null ? Cell{} : batch.store(value));
    }
    Cell* row = batch.add_row(Operation::upsert);
    std::copy(cells.begin(), cells.end(), row);
  }
  return batch;
}

TEST(RowCopy, WritesCellsThatStandAlone) {
  const Batch batch = make_batch(test_schema(), {{1, "one"}, {2, std::nullopt}}, 7);
  const std::string row1 = number(2, 2) + field(number(1, 8)) + field("one");
  const std::string row2 = number(2, 2) + field(number(2, 8)) + std::string(4, '\xff');
  EXPECT_EQ(encoded(batch, plan_of({0, 1}), RowHead::none), kHead + row1 + row2 + kTail);
}

TEST(RowCopy, SaysPlaceAndRemovalBeforeStagedCells) {
  const Batch batch = make_batch(test_schema(), {{1, "one"}, removal(2)}, 7);
  const std::string row1 = number(4, 2) + field(number(0, 4)) + field(std::string(1, '\0')) +
                           field(number(1, 8)) + field("one");
  const std::string row2 = number(4, 2) + field(number(1, 4)) + field("\x01") +
                           field(number(2, 8)) + std::string(4, '\xff');
  EXPECT_EQ(encoded(batch, plan_of({0, 1}), RowHead::staging), kHead + row1 + row2 + kTail);
}

TEST(RowCopy, CopiesTuplesAsTheyStand) {
  const Batch batch =
      batch_of_tuples({{"11111111", "a", "NULL", "ccc"}, {"22222222", "NULL", "NULL", ""}});
  const std::string row1 =
      number(4, 2) + field("11111111") + field("a") + std::string(4, '\xff') + field("ccc");
  const std::string row2 = number(4, 2) + field("22222222") + std::string(8, '\xff') + field("");
  EXPECT_EQ(encoded(batch, plan_of({0, 1, 2, 3}), RowHead::none), kHead + row1 + row2 + kTail);
}

TEST(RowCopy, LeavesColumnsOutAndChangesTheirOrder) {
  // The dropped cell is four bytes long, so that its neighbours lie as far apart as a size.
  const Batch batch = batch_of_tuples({{"11111111", "abcd", "b", "ccc"}});
  const std::string row = number(2, 2) + field("ccc") + field("11111111");
  EXPECT_EQ(encoded(batch, plan_of({3, 0}), RowHead::none), kHead + row + kTail);
  const std::string without = number(3, 2) + field("11111111") + field("b") + field("ccc");
  EXPECT_EQ(encoded(batch, plan_of({0, 2, 3}), RowHead::none), kHead + without + kTail);
}

TEST(RowCopy, ComesInPieces) {
  std::vector<test::TestRow> rows;
  std::string expected = kHead;
  for (std::int64_t id = 0; id < 1000; ++id) {
    rows.push_back({id, std::string(1000, 'x')});
    expected += number(2, 2) + field(number(id, 8)) + field(std::string(1000, 'x'));
  }
  EXPECT_EQ(encoded(make_batch(test_schema(), rows, 7), plan_of({0, 1}), RowHead::none),
            expected + kTail);
}

TEST(RowCopy, IsNotMisledByWhatStandsBeforeACell) {
  Batch batch;
  batch.clear(test_schema());
  // Four bytes that happen to be no size of what follows.
  batch.block().append("\xff\xff\xff\xff");
  const Cell id = batch.store("12345678");
  const Cell title = batch.store("title");
  Cell* row = batch.add_row(Operation::upsert);
  row[0] = id;
  row[1] = title;
  EXPECT_EQ(encoded(batch, plan_of({0, 1}), RowHead::none),
            kHead + number(2, 2) + field("12345678") + field("title") + kTail);
}

}  // namespace
}  // namespace rowferry::postgres_sink
