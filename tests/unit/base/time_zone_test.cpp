#include "base/time_zone.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace rowferry {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using namespace std::chrono_literals;

constexpr std::chrono::year_month_day kForward = 2026y / 3 / 29;
constexpr std::chrono::year_month_day kBack = 2026y / 10 / 25;

LocalTime local(std::chrono::year_month_day date) { return std::chrono::local_days(date); }
WallTime wall(std::chrono::year_month_day date) { return std::chrono::sys_days(date); }

TEST(TimeZone, KnowsTheNamesOfTheDatabase) {
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_TRUE(is_time_zone("Europe/Berlin"));
  EXPECT_FALSE(is_time_zone("Mars/Olympus"));
  EXPECT_FALSE(is_time_zone(""));
  EXPECT_FALSE(is_time_zone("../../etc/passwd"));
  EXPECT_THROW(TimeZone("Mars/Olympus"), Error);
}

TEST(TimeZone, TellsLocalTime) {
  const TimeZone berlin("Europe/Berlin");
  EXPECT_EQ(berlin.to_local(wall(2026y / 1 / 1)), local(2026y / 1 / 1) + hours(1));
  EXPECT_EQ(berlin.to_local(wall(2026y / 7 / 1) + 1us), local(2026y / 7 / 1) + hours(2) + 1us);
  EXPECT_EQ(TimeZone("UTC").to_local(wall(kBack)), local(kBack));
}

TEST(TimeZone, GivesTheEndOfAGap) {
  const TimeZone berlin("Europe/Berlin");
  EXPECT_EQ(berlin.to_wall(local(kForward) + hours(2) + minutes(30)), wall(kForward) + hours(1));
  EXPECT_EQ(berlin.to_wall(local(kForward) + hours(3)), wall(kForward) + hours(1));
}

TEST(TimeZone, GivesTheFirstOfTwo) {
  const TimeZone berlin("Europe/Berlin");
  EXPECT_EQ(berlin.to_wall(local(kBack) + hours(2) + minutes(30)), wall(kBack) + minutes(30));
  EXPECT_EQ(berlin.to_wall(local(kBack) + hours(3)), wall(kBack) + hours(2));
}

}  // namespace
}  // namespace rowferry
