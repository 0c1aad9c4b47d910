#include "core/time_from_text.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/cells.hpp"

namespace rowferry::test {
namespace {

constexpr const char* kMalformed = "malformed";
constexpr const char* kOutOfRange = "out of range";

std::string date(std::string_view text) { return read_back(ColumnType::date, text); }
std::string time(std::string_view text) { return read_back(ColumnType::time, text); }
std::string timestamp(std::string_view text) { return read_back(ColumnType::timestamp, text); }
std::string timestamptz(std::string_view text) { return read_back(ColumnType::timestamptz, text); }

TEST(DateFromText, ReadsWhatTheServerPrints) {
  for (const char* same : {"2024-02-29", "0001-01-01", "0044-03-15 BC", "4714-11-24 BC",
                           "5874897-12-31", "infinity", "-infinity"}) {
    EXPECT_EQ(date(same), same);
  }
  EXPECT_EQ(date(" 2024-2-9 "), "2024-02-09");
}

TEST(DateFromText, RefusesTheRest) {
  for (const char* none : {"2023-02-29", "0000-01-01", "2024-13-01", "2024-00-01", "2024-01-00",
                           "4714-11-23 BC", "5874898-01-01"}) {
    EXPECT_EQ(date(none), kOutOfRange) << none;
  }
  for (const char* wrong : {"", "today", "24-01-01", "2024-01", "2024-01-01x", "2024/01/01",
                            "2024-01-01 00:00", "12345678-01-01", "-2024-01-01"}) {
    EXPECT_EQ(date(wrong), kMalformed) << wrong;
  }
}

TEST(TimeFromText, ReadsTimesOfDay) {
  EXPECT_EQ(time("4:05"), "04:05:00");
  EXPECT_EQ(time("04:05:06.789"), "04:05:06.789");
  EXPECT_EQ(time("24:00:00"), "24:00:00");
  EXPECT_EQ(time("00:00:00.0000005"), "00:00:00");
  EXPECT_EQ(time("00:00:00.0000015"), "00:00:00.000002");
  EXPECT_EQ(time("00:00:00.00000051"), "00:00:00.000001");
  EXPECT_EQ(time("00:00:00.9999999"), "00:00:01");
  for (const char* none : {"24:00:00.000001", "25:00", "00:60", "00:00:61"}) {
    EXPECT_EQ(time(none), kOutOfRange) << none;
  }
  for (const char* wrong : {"", "4", "4:5", "04:05:6", "04:05:06 PM", "04:05+00", "a:b"}) {
    EXPECT_EQ(time(wrong), kMalformed) << wrong;
  }
}

TEST(TimestampFromText, ReadsWhatTheServerPrints) {
  for (const char* same : {"2024-02-29 12:00:00.5", "0044-03-15 00:00:00 BC", "infinity",
                           "294276-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC"}) {
    EXPECT_EQ(timestamp(same), same);
  }
  EXPECT_EQ(timestamptz("0044-03-15 00:00:00+00 BC"), "0044-03-15 00:00:00+00 BC");
}

TEST(TimestampFromText, TakesIso8601) {
  EXPECT_EQ(timestamp("2024-02-29T12:00"), "2024-02-29 12:00:00");
  EXPECT_EQ(timestamp("2024-02-29"), "2024-02-29 00:00:00");
  EXPECT_EQ(timestamp("2024-02-29T12:00:00Z"), "2024-02-29 12:00:00");
  EXPECT_EQ(timestamptz("2024-02-29T12:00:00Z"), "2024-02-29 12:00:00+00");
  EXPECT_EQ(timestamp("2024-12-31 24:00:00"), "2025-01-01 00:00:00");
}

TEST(TimestampFromText, GoesToUtc) {
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00"), "2024-01-01 00:00:00+00");
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00+02"), "2023-12-31 22:00:00+00");
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00 -0330"), "2024-01-01 03:30:00+00");
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00+05:30"), "2023-12-31 18:30:00+00");
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00+00:19:32"), "2023-12-31 23:40:28+00");
}

TEST(TimestampFromText, NeverDropsAZone) {
  EXPECT_EQ(timestamp("2024-01-01 00:00:00+02"), kMalformed);
  EXPECT_EQ(timestamp("2024-01-01 00:00:00+00"), "2024-01-01 00:00:00");
}

TEST(TimestampFromText, RefusesTheRest) {
  for (const char* none : {"294277-01-01 00:00:00", "4714-11-23 23:59:59 BC", "2023-02-29 00:00:00",
                           "2024-01-01 25:00:00", "5874897-12-31 00:00:00"}) {
    EXPECT_EQ(timestamp(none), kOutOfRange) << none;
  }
  EXPECT_EQ(timestamptz("294276-12-31 23:59:59-01"), kOutOfRange);
  EXPECT_EQ(timestamptz("4714-11-24 00:00:00+01 BC"), kOutOfRange);
  EXPECT_EQ(timestamptz("294277-01-01 00:00:00+01"), "294276-12-31 23:00:00+00");
  EXPECT_EQ(timestamptz("2024-01-01 00:00:00+16"), kOutOfRange);
  for (const char* wrong :
       {"", "now", "2024-01-01 00:00:00 CET", "2024-01-01 00:00:00+2", "2024-01-01 00:00:00+02:0",
        "2024-01-01 00:00:00x", "2024-01-01 00:00:00 BC BC"}) {
    EXPECT_EQ(timestamptz(wrong), kMalformed) << wrong;
  }
}

}  // namespace
}  // namespace rowferry::test
