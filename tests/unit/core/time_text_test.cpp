#include "core/time_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/calendar.hpp"

namespace rowferry::test {
namespace {

std::string date(std::int32_t days) {
  std::array<char, kTimeTextMax> room{};
  return {room.data(), write_date(days, room.data())};
}

TEST(Calendar, CountsDaysBothWays) {
  for (std::int64_t days = -2'451'545; days < 4'000'000; days += 97) {
    const CivilDate made = civil_from_days(days);
    ASSERT_TRUE(is_valid(made)) << days;
    ASSERT_EQ(days_from_civil(made), days);
  }
}

TEST(Calendar, KnowsLeapYears) {
  EXPECT_TRUE(is_valid({2000, 2, 29}));
  EXPECT_TRUE(is_valid({2024, 2, 29}));
  EXPECT_TRUE(is_valid({0, 2, 29}));
  EXPECT_TRUE(is_valid({-4, 2, 29}));
  EXPECT_FALSE(is_valid({1900, 2, 29}));
  EXPECT_FALSE(is_valid({2023, 2, 29}));
  EXPECT_FALSE(is_valid({2024, 2, 30}));
}

TEST(Calendar, KnowsTheLengthsOfMonths) {
  EXPECT_FALSE(is_valid({2024, 0, 1}));
  EXPECT_FALSE(is_valid({2024, 13, 1}));
  EXPECT_FALSE(is_valid({2024, 1, 0}));
  EXPECT_FALSE(is_valid({2024, 4, 31}));
  EXPECT_TRUE(is_valid({2024, 12, 31}));
}

TEST(TimeText, WritesDates) {
  EXPECT_EQ(date(0), "2000-01-01");
  EXPECT_EQ(date(-730'119), "0001-01-01");
  EXPECT_EQ(date(-730'120), "0001-12-31 BC");
  EXPECT_EQ(date(-2'451'545), "4714-11-24 BC");
  EXPECT_EQ(date(2'145'031'948), "5874897-12-31");
  EXPECT_EQ(date(INT32_MAX), "infinity");
  EXPECT_EQ(date(INT32_MIN), "-infinity");
}

TEST(TimeText, LeavesZerosOfAFractionOut) {
  std::array<char, kTimeTextMax> room{};
  const auto time = [&room](std::int64_t microseconds) {
    return std::string(room.data(), write_time_of_day(microseconds, room.data()));
  };
  EXPECT_EQ(time(0), "00:00:00");
  EXPECT_EQ(time(100'000), "00:00:00.1");
  EXPECT_EQ(time(1), "00:00:00.000001");
  EXPECT_EQ(time(86'399'999'990), "23:59:59.99999");
}

}  // namespace
}  // namespace rowferry::test
