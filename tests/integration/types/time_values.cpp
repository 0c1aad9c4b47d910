#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {
namespace {

// The least and the greatest day, counted from 2000-01-01: 4714-11-24 BC, 5874897-12-31 (date) and
// 294276-12-31 (timestamp).
constexpr std::int64_t kDayMin = -2'451'545;
constexpr std::int64_t kDateDayMax = 2'145'031'948;
constexpr std::int64_t kTimestampDayMax = 106'751'982;
constexpr std::int64_t kMicrosecondsMax = 86'399'999'999;

/// A third each: about now, of four digits, any.
std::int64_t random_day(Random& random, std::int64_t greatest) {
  switch (random.between(0, 2)) {
    case 0:
      return random.between(-20'000, 20'000);
    case 1:
      return random.between(-730'500, 2'922'000);
    default:
      return random.between(kDayMin, greatest);
  }
}

/// A time of day with any number of digits behind the second.
std::int64_t random_microseconds(Random& random) {
  std::int64_t unit = 1;
  for (std::int64_t digits = random.between(0, 7); digits > 0; --digits) unit *= 10;
  return random.between(0, kMicrosecondsMax) / unit * unit;
}

const std::vector<std::string>& date_extremes() {
  static const std::vector<std::string> kDates = {
      "infinity",   "-infinity",  "4714-11-24 BC", "0044-03-15 BC", "0001-12-31 BC",
      "0001-01-01", "9999-12-31", "10000-01-01",   "1999-12-31",    "2000-01-01",
      "2000-02-29", "1900-02-28", "294276-12-31"};
  return kDates;
}

std::int64_t of_any_size(Random& random, std::int64_t greatest) {
  return std::clamp(random_integer(random, 64), -greatest - 1, greatest);
}

}  // namespace

TypeCase date_case() {
  TypeCase made{.name = "date", .type = "date", .extremes = literals(date_extremes())};
  made.extremes.emplace_back("'5874897-12-31'");
  made.make = [](Random& random) {
    return fmt::format("date '2000-01-01' + ({})", random_day(random, kDateDayMax));
  };
  return made;
}

TypeCase time_case() {
  TypeCase made{.name = "time", .type = "time", .extremes = {}};
  made.extremes = literals({"00:00", "24:00:00", "23:59:59.999999", "00:00:00.000001", "12:34:56.5",
                            "00:00:00.1", "00:00:00.01", "01:02:03.0004"});
  made.make = [](Random& random) {
    const std::int64_t value = random_microseconds(random);
    const std::int64_t seconds = value / 1'000'000;
    return fmt::format("'{:02}:{:02}:{:02}.{:06}'", seconds / 3600, seconds / 60 % 60, seconds % 60,
                       value % 1'000'000);
  };
  return made;
}

TypeCase timestamp_case(std::string type) {
  TypeCase made{.name = type, .type = type, .extremes = literals(date_extremes())};
  for (const char* each : {"294276-12-31 23:59:59.999999", "1999-12-31 23:59:59.999999",
                           "0001-12-31 23:59:59.999999 BC", "9999-12-31 23:59:59.999999",
                           "2000-01-01 00:00:00.000001", "1970-01-01 00:00:00"}) {
    made.extremes.push_back(fmt::format("'{}'", each));
  }
  made.make = [type](Random& random) {
    return fmt::format("{} '2000-01-01' + ({}) * interval '1 day' + {} * interval '1 microsecond'",
                       type, random_day(random, kTimestampDayMax), random_microseconds(random));
  };
  return made;
}

TypeCase interval_case() {
  TypeCase made{.name = "interval", .type = "interval", .extremes = {}};
  made.extremes = literals({"0",
                            "1 year",
                            "-1 year",
                            "1 mon",
                            "-1 mon",
                            "1 day",
                            "-1 day",
                            "1 microsecond",
                            "-1 microsecond",
                            "-1 second",
                            "1 year -1 mon",
                            "-1 year 1 day",
                            "-1 day 1 second",
                            "1 day -1 second",
                            "2 years 2 mons 2 days 02:02:02.2",
                            "100 hours",
                            "-100:00:00.000001",
                            "2147483647 months",
                            "-2147483648 months",
                            "2147483647 days",
                            "-2147483648 days",
                            "9223372036854775807 microseconds",
                            "-9223372036854775807 microseconds"});
  made.make = [](Random& random) {
    constexpr std::int64_t kSmallMax = std::numeric_limits<std::int32_t>::max();
    const std::int64_t months = random.one_in(2) ? of_any_size(random, kSmallMax) : 0;
    const std::int64_t days = random.one_in(2) ? of_any_size(random, kSmallMax) : 0;
    std::int64_t time = 0;
    if (random.one_in(2)) {
      time = random.one_in(2) ? random_microseconds(random) : random_integer(random, 63);
    }
    return fmt::format("'{} months {} days {} microseconds'", months, days, time);
  };
  return made;
}

}  // namespace rowferry::test
