#include "base/cron.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace rowferry {
namespace {

using testing::HasSubstr;

WallTime parse_time(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  // NOLINTNEXTLINE(cert-err34-c): the texts stand below
  EXPECT_EQ(std::sscanf(text.c_str(), "%d-%u-%uT%d:%d", &year, &month, &day, &hour, &minute), 5);
  const std::chrono::sys_days date =
      std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return WallTime(date) + std::chrono::hours(hour) + std::chrono::minutes(minute);
}

std::string format_time(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(time - days);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count());
}

std::vector<std::string> next_times(const std::string& expression, const std::string& zone,
                                    const std::string& after, std::size_t count) {
  const Cron cron(expression);
  const TimeZone time_zone(zone);
  std::vector<std::string> times;
  WallTime time = parse_time(after);
  while (times.size() < count) {
    time = cron.next_after(time, time_zone);
    times.push_back(format_time(time));
  }
  return times;
}

struct Case {
  const char* expression;
  const char* zone;
  const char* after;
  std::vector<std::string> expected;
};

void expect_next_times(const std::vector<Case>& table) {
  for (const Case& row : table) {
    EXPECT_EQ(next_times(row.expression, row.zone, row.after, row.expected.size()), row.expected)
        << row.expression << " " << row.zone << " after " << row.after;
  }
}

// Made with croniter 6.0.0, in UTC and away from the nights when clocks change (where it differs
// from cron). All times are UTC.
const std::vector<Case> kCroniterTimes = {
    {"0 3 * * *",
     "UTC",
     "2026-01-01T02:59",
     {"2026-01-01T03:00", "2026-01-02T03:00", "2026-01-03T03:00"}},
    {"0 3 * * *",
     "UTC",
     "2026-01-01T03:00",
     {"2026-01-02T03:00", "2026-01-03T03:00", "2026-01-04T03:00"}},
    {"*/15 * * * *",
     "UTC",
     "2026-02-28T23:50",
     {"2026-03-01T00:00", "2026-03-01T00:15", "2026-03-01T00:30"}},
    {"5/20 * * * *",
     "UTC",
     "2026-01-01T00:06",
     {"2026-01-01T00:25", "2026-01-01T00:45", "2026-01-01T01:05"}},
    {"0 0 29 2 *",
     "UTC",
     "2026-01-01T00:00",
     {"2028-02-29T00:00", "2032-02-29T00:00", "2036-02-29T00:00"}},
    {"0 0 31 * *",
     "UTC",
     "2026-04-01T00:00",
     {"2026-05-31T00:00", "2026-07-31T00:00", "2026-08-31T00:00"}},
    {"30 8 * * mon-fri",
     "UTC",
     "2026-11-20T09:00",
     {"2026-11-23T08:30", "2026-11-24T08:30", "2026-11-25T08:30"}},
    {"0 0 13 * fri",
     "UTC",
     "2026-01-01T00:00",
     {"2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"}},
    {"0 0 1,15 * 0",
     "UTC",
     "2026-01-01T12:00",
     {"2026-01-04T00:00", "2026-01-11T00:00", "2026-01-15T00:00"}},
    {"0 12 * jan,JUL *",
     "UTC",
     "2026-02-01T00:00",
     {"2026-07-01T12:00", "2026-07-02T12:00", "2026-07-03T12:00"}},
    {"0 0 * * 7",
     "UTC",
     "2026-01-01T00:00",
     {"2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"}},
    {"0 0 * * 0",
     "UTC",
     "2026-01-01T00:00",
     {"2026-01-04T00:00", "2026-01-11T00:00", "2026-01-18T00:00"}},
    {"0-10/5,30 1-3 * * *",
     "UTC",
     "2026-01-01T01:06",
     {"2026-01-01T01:10", "2026-01-01T01:30", "2026-01-01T02:00"}},
    {"@monthly",
     "UTC",
     "2026-01-31T10:00",
     {"2026-02-01T00:00", "2026-03-01T00:00", "2026-04-01T00:00"}},
    {"@yearly",
     "UTC",
     "2026-01-31T10:00",
     {"2027-01-01T00:00", "2028-01-01T00:00", "2029-01-01T00:00"}},
    {"@weekly",
     "UTC",
     "2026-01-31T10:00",
     {"2026-02-01T00:00", "2026-02-08T00:00", "2026-02-15T00:00"}},
    {"@daily",
     "UTC",
     "2026-01-31T10:00",
     {"2026-02-01T00:00", "2026-02-02T00:00", "2026-02-03T00:00"}},
    {"@hourly",
     "UTC",
     "2026-01-31T10:30",
     {"2026-01-31T11:00", "2026-01-31T12:00", "2026-01-31T13:00"}},
    {"0 0 */2 * 1",
     "UTC",
     "2026-03-03T00:00",
     {"2026-03-05T00:00", "2026-03-07T00:00", "2026-03-09T00:00"}},
    {"0 0 28-31 * *",
     "UTC",
     "2026-02-28T00:00",
     {"2026-03-28T00:00", "2026-03-29T00:00", "2026-03-30T00:00"}},
    {"59 23 31 12 *",
     "UTC",
     "2026-12-31T23:59",
     {"2027-12-31T23:59", "2028-12-31T23:59", "2029-12-31T23:59"}},
    {"0 3 * * *",
     "Europe/Berlin",
     "2026-07-01T00:00",
     {"2026-07-01T01:00", "2026-07-02T01:00", "2026-07-03T01:00"}},
    {"0 3 * * *",
     "Europe/Berlin",
     "2026-01-10T00:00",
     {"2026-01-10T02:00", "2026-01-11T02:00", "2026-01-12T02:00"}},
    {"0 0 1 * *",
     "America/New_York",
     "2026-06-30T12:00",
     {"2026-07-01T04:00", "2026-08-01T04:00", "2026-09-01T04:00"}},
    {"0 0 * * fri-sun",
     "UTC",
     "2026-11-20T00:00",
     {"2026-11-21T00:00", "2026-11-22T00:00", "2026-11-27T00:00"}},
    {"0 9 * * mon",
     "Asia/Kolkata",
     "2026-06-30T12:00",
     {"2026-07-06T03:30", "2026-07-13T03:30", "2026-07-20T03:30"}},
};

TEST(Cron, FindsTheTimesThatCroniterFinds) { expect_next_times(kCroniterTimes); }

TEST(Cron, RunsAJobOfTheSkippedHourOnceRightAfterIt) {
  // Berlin: 02:00 becomes 03:00 on March 29, 2026, at 01:00 UTC.
  expect_next_times({
      {"30 2 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00",
       {"2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"}},
      {"*/10 2 * * *",
       "Europe/Berlin",
       "2026-03-29T00:30",
       {"2026-03-29T01:00", "2026-03-30T00:00", "2026-03-30T00:10"}},
      {"0 2,3 * * *",
       "Europe/Berlin",
       "2026-03-28T12:00",
       {"2026-03-29T01:00", "2026-03-30T00:00", "2026-03-30T01:00"}},
      {"0 4 * * *", "Europe/Berlin", "2026-03-28T12:00", {"2026-03-29T02:00", "2026-03-30T02:00"}},
      // Cairo: midnight itself is skipped on April 24, 2026.
      {"0 0 * * *", "Africa/Cairo", "2026-04-23T12:00", {"2026-04-23T22:00", "2026-04-24T21:00"}},
  });
}

TEST(Cron, RunsAJobOfTheRepeatedHourOnce) {
  // Berlin: 03:00 becomes 02:00 on October 25, 2026, at 01:00 UTC.
  expect_next_times({
      {"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", {"2026-10-25T00:30", "2026-10-26T01:30"}},
      {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:05", {"2026-10-26T01:30"}},
      {"*/20 2 * * *",
       "Europe/Berlin",
       "2026-10-24T23:50",
       {"2026-10-25T00:00", "2026-10-25T00:20", "2026-10-25T00:40", "2026-10-26T01:00"}},
      {"0 3 * * *", "Europe/Berlin", "2026-10-24T12:00", {"2026-10-25T02:00", "2026-10-26T02:00"}},
  });
}

TEST(Cron, FollowsRealTimeWhenDueInEveryHour) {
  expect_next_times({
      {"*/30 * * * *",
       "Europe/Berlin",
       "2026-10-25T00:00",
       {"2026-10-25T00:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00"}},
      {"*/30 * * * *",
       "Europe/Berlin",
       "2026-03-29T00:30",
       {"2026-03-29T01:00", "2026-03-29T01:30"}},
      {"15 * * * sun", "Europe/Berlin", "2026-10-25T22:20", {"2026-10-31T23:15"}},
      // Lord Howe's clocks go back by half an hour only, on April 5, 2026, at 15:00 UTC of the 4th.
      {"*/30 * * * *",
       "Australia/Lord_Howe",
       "2026-04-04T14:30",
       {"2026-04-04T15:00", "2026-04-04T15:30"}},
      {"0 * 29 feb *", "Asia/Kolkata", "2026-01-01T00:00", {"2028-02-28T18:30"}},
  });
}

std::string refusal_of(const std::string& expression) {
  try {
    const Cron cron(expression);
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    return error.what();
  }
  return "";
}

TEST(Cron, SaysWhatIsWrong) {
  EXPECT_THAT(refusal_of(""), HasSubstr("0 fields instead of five"));
  EXPECT_THAT(refusal_of("* * * * * *"), HasSubstr("6 fields instead of five"));
  EXPECT_THAT(refusal_of("@reboot"), HasSubstr("1 fields"));
  EXPECT_THAT(refusal_of("60 * * * *"), HasSubstr("'60' is no minute (0 to 59)"));
  EXPECT_THAT(refusal_of("* 24 * * *"), HasSubstr("'24' is no hour"));
  EXPECT_THAT(refusal_of("* * 0 * *"), HasSubstr("'0' is no day of month"));
  EXPECT_THAT(refusal_of("* * * 13 *"), HasSubstr("'13' is no month"));
  EXPECT_THAT(refusal_of("* * * foo *"), HasSubstr("'foo' is no month"));
  EXPECT_THAT(refusal_of("* * * * 8"), HasSubstr("'8' is no day of week"));
  EXPECT_THAT(refusal_of("*/0 * * * *"), HasSubstr("no step of at least 1"));
  EXPECT_THAT(refusal_of("*/x * * * *"), HasSubstr("no step of at least 1"));
  EXPECT_THAT(refusal_of("*/99999999999 * * * *"), HasSubstr("no step"));
  EXPECT_THAT(refusal_of("5-1 * * * *"), HasSubstr("'5-1' runs backwards"));
  EXPECT_THAT(refusal_of("-1 * * * *"), HasSubstr("'' is no minute"));
  EXPECT_THAT(refusal_of("1,,2 * * * *"), HasSubstr("empty item"));
  EXPECT_THAT(refusal_of("1, * * * *"), HasSubstr("empty item"));
  EXPECT_THAT(refusal_of("0 0 31 4,6 *"), HasSubstr("never comes"));
  EXPECT_EQ(refusal_of("0 0 31 4,6 mon"), "");
}

}  // namespace
}  // namespace rowferry
