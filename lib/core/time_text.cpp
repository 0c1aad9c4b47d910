#include "core/time_text.hpp"

#include <limits>
#include <string_view>

#include "base/digits.hpp"
#include "core/calendar.hpp"

namespace rowferry {
namespace {

/// A count of days or microseconds whose least and greatest values are the infinities.
template <class Integer>
bool is_infinite(Integer value) {
  return value == std::numeric_limits<Integer>::min() ||
         value == std::numeric_limits<Integer>::max();
}

template <class Integer>
char* write_infinity(Integer value, char* out) {
  return write_text(value < 0 ? "-infinity" : "infinity", out);
}

bool has_four_digits(const CivilDate& date) { return date.year >= 1 && date.year <= 9999; }

/// Writes the date without its ` BC`.
char* write_civil(const CivilDate& date, char* out) {
  const std::int64_t year = date.year > 0 ? date.year : 1 - date.year;
  out = year < 10'000 ? write_four_digits(static_cast<unsigned>(year), out)
                      : write_integer(year, out);
  *out++ = '-';
  out = write_two_digits(date.month, out);
  *out++ = '-';
  return write_two_digits(date.day, out);
}

struct Moment {
  CivilDate date;
  std::int64_t time_of_day = 0;
};

Moment split(std::int64_t microseconds) {
  std::int64_t days = microseconds / kMicrosecondsPerDay;
  std::int64_t time_of_day = microseconds % kMicrosecondsPerDay;
  if (time_of_day < 0) {
    time_of_day += kMicrosecondsPerDay;
    --days;
  }
  return {civil_from_days(days), time_of_day};
}

char* write_moment(const Moment& moment, char separator, std::string_view zone, char* out) {
  out = write_civil(moment.date, out);
  *out++ = separator;
  out = write_time_of_day(moment.time_of_day, out);
  out = write_text(zone, out);
  return moment.date.year < 1 ? write_text(" BC", out) : out;
}

std::string_view text_zone(ZoneText zone) { return zone == ZoneText::utc ? "+00" : ""; }

}  // namespace

char* write_date(std::int32_t days, char* out) {
  if (is_infinite(days)) {
    return write_infinity(days, out);
  }
  const CivilDate date = civil_from_days(days);
  out = write_civil(date, out);
  return date.year < 1 ? write_text(" BC", out) : out;
}

char* write_fraction(std::uint32_t microseconds, char* out) {
  if (microseconds == 0) {
    return out;
  }
  *out++ = '.';
  out = write_two_digits(microseconds / 10'000, out);
  out = write_four_digits(microseconds % 10'000, out);
  while (out[-1] == '0') {
    --out;
  }
  return out;
}

char* write_time_of_day(std::int64_t microseconds, char* out) {
  const auto seconds = static_cast<unsigned>(microseconds / kMicrosecondsPerSecond);
  out = write_two_digits(seconds / 3600, out);
  *out++ = ':';
  out = write_two_digits(seconds / 60 % 60, out);
  *out++ = ':';
  out = write_two_digits(seconds % 60, out);
  return write_fraction(static_cast<unsigned>(microseconds % kMicrosecondsPerSecond), out);
}

char* write_timestamp(std::int64_t microseconds, ZoneText zone, char* out) {
  if (is_infinite(microseconds)) {
    return write_infinity(microseconds, out);
  }
  return write_moment(split(microseconds), ' ', text_zone(zone), out);
}

char* write_timestamp_iso8601(std::int64_t microseconds, ZoneText zone, char* out) {
  if (is_infinite(microseconds)) {
    return write_infinity(microseconds, out);
  }
  const Moment moment = split(microseconds);
  if (!has_four_digits(moment.date)) {
    return write_moment(moment, ' ', text_zone(zone), out);
  }
  return write_moment(moment, 'T', zone == ZoneText::utc ? "+00:00" : "", out);
}

}  // namespace rowferry
