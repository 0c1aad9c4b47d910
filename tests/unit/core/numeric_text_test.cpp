#include "core/numeric_text.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

/// A numeric from its header's words and its digits.
std::string numeric(std::uint16_t count, std::int16_t weight, std::uint16_t sign,
                    std::uint16_t scale, const std::vector<std::uint16_t>& digits = {}) {
  std::string cell = big_endian(count, weight, sign, scale);
  for (const std::uint16_t digit : digits) {
    cell += big_endian(digit);
  }
  return cell;
}

std::string text(const std::string& cell) { return text_of(ColumnType::numeric, cell); }

TEST(NumericText, ShowsAllDigits) {
  EXPECT_EQ(text(numeric(0, 0, 0, 0)), "0");
  EXPECT_EQ(text(numeric(0, 0, 0, 3)), "0.000");
  EXPECT_EQ(text(numeric(2, 1, 0x4000, 0, {1, 20})), "-10020");
  EXPECT_EQ(text(numeric(1, 2, 0, 1, {7})), "700000000.0");
  EXPECT_EQ(text(numeric(1, -1, 0, 4, {1})), "0.0001");
  EXPECT_EQ(text(numeric(1, -2, 0x4000, 5, {1000})), "-0.00001");
  EXPECT_EQ(text(numeric(2, 0, 0, 2, {1, 9900})), "1.99");
}

TEST(NumericText, KnowsWhatIsNoNumber) {
  EXPECT_EQ(text(numeric(0, 0, 0xC000, 0)), "NaN");
  EXPECT_EQ(text(numeric(0, 0, 0xD000, 32)), "Infinity");
  EXPECT_EQ(text(numeric(0, 0, 0xF000, 32)), "-Infinity");
  EXPECT_FALSE(is_finite_numeric(numeric(0, 0, 0xC000, 0)));
  EXPECT_TRUE(is_finite_numeric(numeric(0, 0, 0x4000, 0)));
}

TEST(NumericText, ThrowsForADamagedHeader) {
  EXPECT_THROW(text(numeric(1, 0, 0x1234, 0, {1})), Error);
  EXPECT_THROW(text(numeric(1, 0, 0, 0x4000, {1})), Error);
  EXPECT_THROW(text(numeric(2, 0, 0, 0, {1})), Error);
  EXPECT_THROW(text(numeric(0xFFFF, 0, 0, 0, {1})), Error);
  EXPECT_THROW(text(numeric(0, 0, 0, 0, {1})), Error);
}

TEST(NumericText, ThrowsForADigitThatIsNone) {
  EXPECT_THROW(text(numeric(1, 0, 0, 0, {10'000})), Error);
  EXPECT_THROW(text(numeric(2, 0, 0, 4, {1, 0xFFFF})), Error);
}

TEST(NumericText, TakesTheGreatestWeightAndScale) {
  EXPECT_EQ(text(numeric(1, INT16_MAX, 0, 0, {9999})).size(), 4u * 32'768);
  EXPECT_EQ(text(numeric(1, INT16_MIN, 0, 0x3FFF, {1})), "0." + std::string(0x3FFF, '0'));
}

}  // namespace
}  // namespace rowferry::test
