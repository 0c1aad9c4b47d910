#include "base/duration.hpp"

#include <gtest/gtest.h>

namespace rowferry {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("5s"), milliseconds(5000));
  EXPECT_EQ(parse_duration("10m"), milliseconds(600'000));
  EXPECT_EQ(parse_duration("1h"), milliseconds(3'600'000));
  EXPECT_EQ(parse_duration("7d"), milliseconds(604'800'000));
  EXPECT_EQ(parse_duration("0s"), milliseconds(0));
}

TEST(Duration, IsNothingElse) {
  for (const char* text : {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5sec",
                           "1h30m", "99999999999999999999s", "36526d", "0x5s"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Duration, IsWrittenAsBriefAsItIsRead) {
  for (const char* text : {"0s", "1ms", "90s", "10m", "25h", "7d"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
  EXPECT_EQ(format_duration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(format_duration(milliseconds(60'000)), "1m");
}

TEST(Size, IsANumberAndAUnit) {
  EXPECT_EQ(parse_size("100B"), 100u);
  EXPECT_EQ(parse_size("512KiB"), 512u << 10);
  EXPECT_EQ(parse_size("8MiB"), 8u << 20);
  EXPECT_EQ(parse_size("1GiB"), 1u << 30);
  EXPECT_EQ(parse_size("2TiB"), 2ull << 40);
}

TEST(Size, IsNothingElse) {
  for (const char* text : {"", "8", "8MB", "8Mi", "8 MiB", "-8MiB", "8.5MiB", "MiB", "8mib",
                           "99999999TiB", "18446744073709551616B"}) {
    EXPECT_FALSE(parse_size(text).has_value()) << text;
  }
}

TEST(Size, IsWrittenAsBriefAsItIsRead) {
  for (const char* text : {"0B", "1B", "1023B", "512KiB", "8MiB", "3GiB", "1TiB"}) {
    EXPECT_EQ(format_size(*parse_size(text)), text);
  }
}

}  // namespace
}  // namespace rowferry
