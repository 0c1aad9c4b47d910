#include "core/calendar.hpp"

#include <array>

namespace rowferry {
namespace {

// The calendar repeats every 400 years. Years are counted from March, so that the leap day is the
// last. After "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant.
constexpr std::int64_t kDaysPerEra = 146'097;
constexpr std::int64_t kEpochFromYearZero = 730'425;  // days from 0000-03-01 to 2000-01-01

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

std::int64_t days_from_civil(const CivilDate& date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const unsigned month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kEpochFromYearZero;
}

CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t shifted = days + kEpochFromYearZero;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - (kDaysPerEra - 1)) / kDaysPerEra;
  const auto day_of_era = static_cast<std::uint32_t>(shifted - era * kDaysPerEra);
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t month_from_march = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

bool is_valid(const CivilDate& date) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.month < 1 || date.month > 12 || date.day < 1) {
    return false;
  }
  const bool has_leap_day = date.month == 2 && is_leap(date.year);
  return date.day <= kDays[date.month - 1] + (has_leap_day ? 1 : 0);
}

}  // namespace rowferry
