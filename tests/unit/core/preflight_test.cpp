#include "core/preflight.hpp"

#include <gtest/gtest.h>

#include "core/row_json.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry {
namespace {

TEST(Preflight, WhatTheOtherSideCausesIsRefused) {
  EXPECT_EQ(finding_of(Error(Failure::transient, "gone")).severity, Severity::refused);
  EXPECT_EQ(finding_of(Error(Failure::config, "bad")).severity, Severity::wrong);
  EXPECT_EQ(finding_of(Error(Failure::rejected, "bad")).severity, Severity::wrong);
}

TEST(Preflight, WarningsAreNoFaults) {
  EXPECT_FALSE(has_fault({{Severity::ok, "", ""}, {Severity::warning, "", ""}}));
  EXPECT_TRUE(has_fault({{Severity::ok, "", ""}, {Severity::refused, "", ""}}));
  EXPECT_TRUE(has_fault({{Severity::wrong, "", ""}}));
}

TEST(Preflight, NamesTheFormOfEachType) {
  Type type;
  type.element = ColumnType::int64;
  EXPECT_EQ(json_form(type), "number");
  type.is_array = true;
  EXPECT_EQ(json_form(type), "array of number");
  for (int element = 0; element <= static_cast<int>(ColumnType::interval); ++element) {
    type.element = static_cast<ColumnType>(element);
    EXPECT_FALSE(json_form(type).empty()) << element;
  }
}

// The bound must hold for the worst rows: control characters, and nulls under long names.
TEST(Preflight, RowsAsJsonStayWithinTheirBound) {
  const SchemaPointer schema = test::test_schema({"a_column_with_a_long_name"});
  BatchLimits limits;
  limits.rows_max = 200;
  Batch batch;
  std::vector<test::TestRow> rows;
  for (int id = 0; id < 200; ++id) {
    rows.push_back({id, id % 2 == 0 ? std::optional(std::string(50, '\x01')) : std::nullopt});
  }
  test::fill(batch, schema, rows, 1);
  limits.bytes_max = batch.bytes();
  Buffer text;
  const JsonRowEncoder encoder(schema);
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    encoder.append_row(batch, row, text);
  }
  EXPECT_GT(text.size(), 3 * batch.bytes()) << "the worst case is not tried";
  EXPECT_LE(text.size(), json_bytes_bound(limits, *schema, 2));
}

}  // namespace
}  // namespace rowferry
