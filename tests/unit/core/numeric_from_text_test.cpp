#include "core/numeric_from_text.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

constexpr const char* kOutOfRange = "out of range";

Type numeric(std::int16_t precision = 0, std::int16_t scale = 0) {
  return {.element = ColumnType::numeric, .precision = precision, .scale = scale};
}

TEST(NumericFromText, KeepsAllDigits) {
  for (const char* same : {"0", "0.00", "1", "-1", "9999", "10000", "0.0001", "-0.00001",
                           "10000.0001", "12345678901234567890.12345678901234567890", "100000000",
                           "1.0000", "NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(read_back(numeric(), same), same);
  }
}

TEST(NumericFromText, GivesTheServersBytes) {
  using Half = std::uint16_t;
  EXPECT_EQ(cell_of(numeric(), "-1.5"),
            big_endian(Half{2}, Half{0}, Half{0x4000}, Half{1}, Half{1}, Half{5000}));
  EXPECT_EQ(cell_of(numeric(), "0.00"), big_endian(Half{0}, Half{0}, Half{0}, Half{2}));
  EXPECT_EQ(cell_of(numeric(), "-0"), big_endian(Half{0}, Half{0}, Half{0}, Half{0}));
  EXPECT_EQ(cell_of(numeric(), "Infinity"), big_endian(Half{0}, Half{0}, Half{0xD000}, Half{32}));
  EXPECT_EQ(cell_of(numeric(), "-inf"), big_endian(Half{0}, Half{0}, Half{0xF000}, Half{32}));
  EXPECT_EQ(cell_of(numeric(), "nan"), big_endian(Half{0}, Half{0}, Half{0xC000}, Half{0}));
}

TEST(NumericFromText, TakesExponents) {
  EXPECT_EQ(read_back(numeric(), "1e3"), "1000");
  EXPECT_EQ(read_back(numeric(), "1.5E-3"), "0.0015");
  EXPECT_EQ(read_back(numeric(), " +12.50e+1 "), "125.0");
  EXPECT_EQ(read_back(numeric(), ".5"), "0.5");
  EXPECT_EQ(read_back(numeric(), "5."), "5");
}

TEST(NumericFromText, RoundsHalfAwayFromZero) {
  EXPECT_EQ(read_back(numeric(10, 2), "1.005"), "1.01");
  EXPECT_EQ(read_back(numeric(10, 2), "-1.005"), "-1.01");
  EXPECT_EQ(read_back(numeric(10, 2), "1.004999"), "1.00");
  EXPECT_EQ(read_back(numeric(10, 0), "0.5"), "1");
  EXPECT_EQ(read_back(numeric(10, 0), "0.49"), "0");
  EXPECT_EQ(read_back(numeric(10, 2), "9999.999"), "10000.00");
  EXPECT_EQ(read_back(numeric(10, 2), "7"), "7.00");
  EXPECT_EQ(read_back(numeric(5, -2), "12345"), "12300");
  EXPECT_EQ(read_back(numeric(5, -2), "50"), "100");
  EXPECT_EQ(read_back(numeric(3, 5), "0.001234"), "0.00123");
}

TEST(NumericFromText, HoldsThePrecision) {
  EXPECT_EQ(read_back(numeric(4, 2), "99.99"), "99.99");
  EXPECT_EQ(read_back(numeric(4, 2), "99.995"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(4, 2), "100"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(3, 5), "0.01"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(5, -2), "9999949"), "9999900");
  EXPECT_EQ(read_back(numeric(5, -2), "9999950"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(4, 2), "Infinity"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(4, 2), "NaN"), "NaN");
  EXPECT_EQ(read_back(numeric(4, 2), "1e999999999"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(4, 2), "1e-999999999"), "0.00");
}

TEST(NumericFromText, KnowsTheLimitsOfTheType) {
  EXPECT_EQ(read_back(numeric(), "1e131071").size(), 131'072u);
  EXPECT_EQ(read_back(numeric(), "1e131072"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(), "1e-16383").size(), 16'385u);
  EXPECT_EQ(read_back(numeric(), "1e-16384"), kOutOfRange);
  EXPECT_EQ(read_back(numeric(), "0e999999999"), "0");
}

TEST(NumericFromText, RefusesWhatIsNoNumber) {
  for (const char* wrong : {"", ".", "-", "e5", "1e", "1e+", "1e9999999999", "1.2.3", "1,5", "0x1",
                            "--1", "1 2", "infinit", "-nan"}) {
    EXPECT_EQ(read_back(numeric(), wrong), "malformed") << wrong;
  }
}

}  // namespace
}  // namespace rowferry::test
