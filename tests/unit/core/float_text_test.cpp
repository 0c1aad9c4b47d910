#include "core/float_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace rowferry::test {
namespace {

template <class Float>
std::string text(Float value) {
  std::array<char, kFloatTextMax> room{};
  return {room.data(), write_float(value, room.data())};
}

TEST(FloatText, ChangesToAnExponentWhereTheServerDoes) {
  EXPECT_EQ(text(0.0001), "0.0001");
  EXPECT_EQ(text(0.00001), "1e-05");
  EXPECT_EQ(text(999'999'999'999'999.0), "999999999999999");
  EXPECT_EQ(text(1e15), "1e+15");
  EXPECT_EQ(text(999'999.0f), "999999");
  EXPECT_EQ(text(1e6f), "1e+06");
  EXPECT_EQ(text(-1.25e100), "-1.25e+100");
}

TEST(FloatText, IsTheShortestThatReadsBack) {
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(0.1f), "0.1");
  EXPECT_EQ(text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(text(100.5), "100.5");
  EXPECT_EQ(text(std::numeric_limits<double>::denorm_min()), "5e-324");
  EXPECT_EQ(text(std::numeric_limits<float>::denorm_min()), "1e-45");
  EXPECT_EQ(text(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(FloatText, NeverLiesHalfwayToANeighbour) {
  // 1e+23 reads back as this value, too, but lies exactly between it and the next.
  EXPECT_EQ(text(1e23), "9.999999999999999e+22");
  EXPECT_EQ(text(9007199254740992.0), "9.007199254740992e+15");
  EXPECT_EQ(text(std::ldexp(1.0, 89)), "6.189700196426902e+26");
  EXPECT_EQ(text(33554432.0f), "3.3554432e+07");
}

TEST(FloatText, HasWordsForTheRest) {
  EXPECT_EQ(text(std::nan("")), "NaN");
  EXPECT_EQ(text(-std::nan("")), "NaN");
  EXPECT_EQ(text(std::numeric_limits<float>::infinity()), "Infinity");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "-Infinity");
  EXPECT_EQ(text(-0.0f), "-0");
}

}  // namespace
}  // namespace rowferry::test
