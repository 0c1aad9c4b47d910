#include "core/cell_json.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

std::string float64(double value) { return big_endian(std::bit_cast<std::uint64_t>(value)); }

TEST(CellJson, LeavesNumbersBare) {
  EXPECT_EQ(json_of(ColumnType::boolean, "\1"), "true");
  EXPECT_EQ(json_of(ColumnType::int64, big_endian(INT64_MAX)), "9223372036854775807");
  EXPECT_EQ(json_of(ColumnType::float64, float64(1e300)), "1e+300");
}

TEST(CellJson, QuotesWhatIsNoNumber) {
  using Limits = std::numeric_limits<double>;
  EXPECT_EQ(json_of(ColumnType::float64, float64(Limits::quiet_NaN())), "\"NaN\"");
  EXPECT_EQ(json_of(ColumnType::float64, float64(-Limits::infinity())), "\"-Infinity\"");
  const auto nan = big_endian(std::uint32_t{0}, std::uint16_t{0xC000}, std::uint16_t{0});
  EXPECT_EQ(json_of(ColumnType::numeric, nan), "\"NaN\"");
  EXPECT_EQ(json_of(ColumnType::date, big_endian(INT32_MAX)), "\"infinity\"");
}

TEST(CellJson, EscapesText) {
  EXPECT_EQ(json_of(ColumnType::text, "a\"\\\n\x1f\x7f"), "\"a\\\"\\\\\\n\\u001f\x7f\"");
  EXPECT_EQ(json_of(ColumnType::bytes, "\x01"), R"("\\x01")");
}

TEST(CellJson, PutsJsonOnOneLine) {
  EXPECT_EQ(json_of(ColumnType::json, "{\n\"a\":\r\n1}"), "{ \"a\":  1}");
  EXPECT_EQ(json_of(ColumnType::jsonb, "\1{\"a\": 1}"), "{\"a\": 1}");
}

TEST(CellJson, WritesTimestampsAsIso8601WithinFourDigits) {
  const std::int64_t day = 86'400'000'000;
  EXPECT_EQ(json_of(ColumnType::timestamptz, big_endian(std::int64_t{1})),
            "\"2000-01-01T00:00:00.000001+00:00\"");
  EXPECT_EQ(json_of(ColumnType::timestamp, big_endian(2'921'939 * day)), "\"9999-12-31T00:00:00\"");
  EXPECT_EQ(json_of(ColumnType::timestamp, big_endian(2'921'940 * day)),
            "\"10000-01-01 00:00:00\"");
  EXPECT_EQ(json_of(ColumnType::timestamptz, big_endian(-730'119 * day)),
            "\"0001-01-01T00:00:00+00:00\"");
  EXPECT_EQ(json_of(ColumnType::timestamptz, big_endian(-730'120 * day)),
            "\"0001-12-31 00:00:00+00 BC\"");
  EXPECT_EQ(json_of(ColumnType::timestamptz, big_endian(INT64_MIN)), "\"-infinity\"");
}

}  // namespace
}  // namespace rowferry::test
