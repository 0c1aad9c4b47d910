#include "daemon/plain_words.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace rowferry {
namespace {

using namespace std::chrono_literals;

TEST(PlainWords, GroupDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(-123456), "-123,456");
  EXPECT_EQ(grouped(std::numeric_limits<std::int64_t>::max()), "9,223,372,036,854,775,807");
}

TEST(PlainWords, CountOneAndMany) {
  EXPECT_EQ(counted(0, "job"), "0 jobs");
  EXPECT_EQ(counted(1, "job"), "1 job");
  EXPECT_EQ(counted(2, "job"), "2 jobs");
}

TEST(PlainWords, TellSpansInTheirLargestUnit) {
  EXPECT_EQ(about(-5s), "0.0 s");
  EXPECT_EQ(about(449ms), "0.4 s");
  EXPECT_EQ(about(9949ms), "9.9 s");
  EXPECT_EQ(about(9950ms), "10 s");
  EXPECT_EQ(about(119s), "119 s");
  EXPECT_EQ(about(2min), "2 min");
  EXPECT_EQ(about(119min + 59s), "119 min");
  EXPECT_EQ(about(2h), "2 h");
  EXPECT_EQ(about(47h), "47 h");
  EXPECT_EQ(about(50h), "2 d");
}

TEST(PlainWords, TellBytes) {
  EXPECT_EQ(about_bytes(0), "0 B");
  EXPECT_EQ(about_bytes(1023), "1023 B");
  EXPECT_EQ(about_bytes(1536), "1.5 KiB");
  EXPECT_EQ(about_bytes(std::int64_t{5} << 30), "5.0 GiB");
}

TEST(PlainWords, KeepForeignTextOnOneLineAndHarmless) {
  EXPECT_EQ(one_line("  a\n\tb  c\r\n"), "a b c");
  EXPECT_EQ(one_line("\033[31mred\033[0m\a"), "[31mred [0m");
  EXPECT_EQ(one_line("caf\u00e9"), "caf\u00e9");
  EXPECT_EQ(one_line(""), "");
}

}  // namespace
}  // namespace rowferry
