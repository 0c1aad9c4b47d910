#pragma once

#include <cstdint>

namespace rowferry {

/// A day of the proleptic Gregorian calendar; year 0 is 1 BC, -1 is 2 BC.
struct CivilDate {
  std::int64_t year = 0;
  unsigned month = 1;
  unsigned day = 1;
};

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

/// The days from 2000-01-01, PostgreSQL's epoch, to a valid date.
[[nodiscard]] std::int64_t days_from_civil(const CivilDate& date);

/// The date that many days after 2000-01-01; any count that a cell can hold.
[[nodiscard]] CivilDate civil_from_days(std::int64_t days);

/// Whether there is such a day.
[[nodiscard]] bool is_valid(const CivilDate& date);

}  // namespace rowferry
