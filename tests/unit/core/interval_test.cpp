#include "core/interval.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "core/interval_from_text.hpp"

namespace rowferry::test {
namespace {

std::string text(const Interval& interval) {
  std::array<char, kIntervalTextMax> room{};
  return {room.data(), write_interval(interval, room.data())};
}

Interval interval(std::int32_t months, std::int32_t days, std::int64_t microseconds) {
  return {microseconds, days, months};
}

TEST(Interval, LeavesZerosOut) {
  EXPECT_EQ(text({}), "00:00:00");
  EXPECT_EQ(text(interval(12, 0, 0)), "1 year");
  EXPECT_EQ(text(interval(1, 2, 0)), "1 mon 2 days");
  EXPECT_EQ(text(interval(0, 0, 1)), "00:00:00.000001");
}

TEST(Interval, SaysThePlusBehindAMinus) {
  EXPECT_EQ(text(interval(-14, 3, 1'000'000)), "-1 years -2 mons +3 days 00:00:01");
  EXPECT_EQ(text(interval(0, -1, 1'000'000)), "-1 days +00:00:01");
  EXPECT_EQ(text(interval(1, 0, -500'000)), "1 mon -00:00:00.5");
}

TEST(Interval, HoldsExtremes) {
  EXPECT_EQ(text(interval(INT32_MIN, INT32_MIN, 0)), "-178956970 years -8 mons -2147483648 days");
  EXPECT_EQ(text(interval(0, 0, INT64_MIN)), "-2562047788:00:54.775808");
  EXPECT_EQ(text(infinite_interval(false)), "infinity");
  EXPECT_EQ(text(infinite_interval(true)), "-infinity");
}

TEST(Interval, ComesBackFromItsText) {
  for (const Interval& each :
       {interval(0, 0, 0), interval(-14, 3, 1'000'000), interval(INT32_MIN, INT32_MAX, INT64_MIN),
        interval(INT32_MAX, INT32_MIN, INT64_MAX), infinite_interval(false),
        infinite_interval(true), interval(0, -1, 1), interval(5, 0, -1)}) {
    Interval back;
    EXPECT_EQ(interval_from_text(text(each), back), TextFit::fits) << text(each);
    EXPECT_EQ(back, each) << text(each);
  }
}

TEST(Interval, ComesBackFromItsBytes) {
  std::array<char, kIntervalBytes> bytes{};
  const Interval given = interval(1, -2, 3);
  EXPECT_EQ(store_interval(given, bytes.data()), bytes.data() + bytes.size());
  EXPECT_EQ(load_interval(bytes.data()), given);
}

TEST(IntervalFromText, TakesNothingElse) {
  for (const char* wrong :
       {"", "1", "1 fortnight", "1 day 2 days", "01:02", "1:2:3", "00:00:00 1 day", "1 dayx",
        "00:00:00.", "00:00:00.1234567", "day", "-", "P1Y", "1 day -"}) {
    Interval untouched = interval(7, 7, 7);
    EXPECT_EQ(interval_from_text(wrong, untouched), TextFit::malformed) << wrong;
    EXPECT_EQ(untouched, interval(7, 7, 7)) << wrong;
  }
}

TEST(IntervalFromText, RefusesWhatDoesNotFit) {
  for (const char* large :
       {"178956971 years", "2147483648 days", "99999999999999999999 days", "00:60:00", "00:00:60",
        "2562047788:00:54.775808", "9223372036854775807 years"}) {
    Interval untouched;
    EXPECT_EQ(interval_from_text(large, untouched), TextFit::out_of_range) << large;
  }
}

}  // namespace
}  // namespace rowferry::test
