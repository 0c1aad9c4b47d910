#include "core/time_text.hpp"

#include <limits>
#include <string_view>

#include "base/digits.hpp"

namespace rowferry {
namespace {

constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
// From the civil calendar's own day 0 (1970-01-01) to PostgreSQL's (2000-01-01).
constexpr std::int64_t kEpochDays = 10'957;
constexpr std::size_t kTextMax = 64;

struct CivilDate {
  std::int64_t year = 0;
  unsigned month = 0;
  unsigned day = 0;
};

// Days since 2000-01-01 as a date of the proleptic Gregorian calendar; after Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
CivilDate civil_date(std::int64_t days) {
  const std::int64_t z = days + kEpochDays + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(z - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = day_of_year - (153 * shifted + 2) / 5 + 1;
  date.month = shifted < 10 ? shifted + 3 : shifted - 9;
  date.year = static_cast<std::int64_t>(year_of_era) + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

// The year as PostgreSQL counts: there is no year 0, it is 1 BC.
char* write_date(const CivilDate& date, char* out) {
  const std::int64_t year = date.year > 0 ? date.year : 1 - date.year;
  out = year < 10'000 ? write_four_digits(static_cast<unsigned>(year), out)
                      : write_integer(year, out);
  *out++ = '-';
  out = write_two_digits(date.month, out);
  *out++ = '-';
  return write_two_digits(date.day, out);
}

// `.5` for 500,000 microseconds; nothing for none.
char* write_microseconds(unsigned microseconds, char* out) {
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

char* write_time(std::int64_t microseconds, char* out) {
  const std::int64_t seconds = microseconds / kMicrosecondsPerSecond;
  const std::int64_t hours = seconds / 3'600;
  out =
      hours < 100 ? write_two_digits(static_cast<unsigned>(hours), out) : write_integer(hours, out);
  *out++ = ':';
  out = write_two_digits(static_cast<unsigned>(seconds / 60 % 60), out);
  *out++ = ':';
  out = write_two_digits(static_cast<unsigned>(seconds % 60), out);
  return write_microseconds(static_cast<unsigned>(microseconds % kMicrosecondsPerSecond), out);
}

template <class Number>
bool append_infinite(Number value, Buffer& out) {
  if (value == std::numeric_limits<Number>::max()) {
    out.append("infinity");
    return true;
  }
  if (value == std::numeric_limits<Number>::min()) {
    out.append("-infinity");
    return true;
  }
  return false;
}

// The words of an interval (PostgreSQL: AddPostgresIntPart). A part behind a negative one shows its
// plus.
struct IntervalWords {
  Buffer& out;
  bool is_empty = true;
  bool is_before = false;

  void add(std::int64_t value, std::string_view unit) {
    if (value == 0) {
      return;
    }
    if (!is_empty) {
      out.append(' ');
    }
    if (is_before && value > 0) {
      out.append('+');
    }
    out.commit_to(write_integer(value, out.prepare(kIntegerTextMax)));
    out.append(' ');
    out.append(unit);
    if (value != 1) {
      out.append('s');
    }
    is_before = value < 0;
    is_empty = false;
  }
};

bool is_extreme(std::int64_t microseconds, std::int32_t days, std::int32_t months, bool highest) {
  return highest ? microseconds == std::numeric_limits<std::int64_t>::max() &&
                       days == std::numeric_limits<std::int32_t>::max() &&
                       months == std::numeric_limits<std::int32_t>::max()
                 : microseconds == std::numeric_limits<std::int64_t>::min() &&
                       days == std::numeric_limits<std::int32_t>::min() &&
                       months == std::numeric_limits<std::int32_t>::min();
}

}  // namespace

void append_date_text(std::int32_t days, Buffer& out) {
  if (append_infinite(days, out)) {
    return;
  }
  const CivilDate date = civil_date(days);
  out.commit_to(write_date(date, out.prepare(kTextMax)));
  if (date.year <= 0) {
    out.append(" BC");
  }
}

void append_time_text(std::int64_t microseconds, Buffer& out) {
  out.commit_to(write_time(microseconds, out.prepare(kTextMax)));
}

void append_timestamp_text(std::int64_t microseconds, bool with_zone, TimeStyle style,
                           Buffer& out) {
  if (append_infinite(microseconds, out)) {
    return;
  }
  std::int64_t days = microseconds / kMicrosecondsPerDay;
  std::int64_t time = microseconds % kMicrosecondsPerDay;
  if (time < 0) {
    time += kMicrosecondsPerDay;
    --days;
  }
  const CivilDate date = civil_date(days);
  const bool as_json = style == TimeStyle::json && date.year >= 1 && date.year <= 9'999;
  char* end = write_date(date, out.prepare(kTextMax));
  *end++ = as_json ? 'T' : ' ';
  end = write_time(time, end);
  if (with_zone) {
    end = write_text(as_json ? "+00:00" : "+00", end);
  }
  if (date.year <= 0) {
    end = write_text(" BC", end);
  }
  out.commit_to(end);
}

void append_interval_text(std::int64_t microseconds, std::int32_t days, std::int32_t months,
                          Buffer& out) {
  if (is_extreme(microseconds, days, months, true)) {
    out.append("infinity");
    return;
  }
  if (is_extreme(microseconds, days, months, false)) {
    out.append("-infinity");
    return;
  }
  IntervalWords words{out};
  words.add(months / 12, "year");
  words.add(months % 12, "mon");
  words.add(days, "day");
  if (microseconds == 0 && !words.is_empty) {
    return;
  }
  if (!words.is_empty) {
    out.append(' ');
  }
  char* end = out.prepare(kTextMax);
  if (microseconds < 0) {
    *end++ = '-';
  } else if (words.is_before) {
    *end++ = '+';
  }
  // The most negative number has no positive twin.
  const std::uint64_t size = microseconds < 0 ? 0 - static_cast<std::uint64_t>(microseconds)
                                              : static_cast<std::uint64_t>(microseconds);
  const std::uint64_t seconds = size / kMicrosecondsPerSecond;
  const std::uint64_t hours = seconds / 3'600;
  end =
      hours < 100 ? write_two_digits(static_cast<unsigned>(hours), end) : write_integer(hours, end);
  *end++ = ':';
  end = write_two_digits(static_cast<unsigned>(seconds / 60 % 60), end);
  *end++ = ':';
  end = write_two_digits(static_cast<unsigned>(seconds % 60), end);
  out.commit_to(write_microseconds(static_cast<unsigned>(size % kMicrosecondsPerSecond), end));
}

}  // namespace rowferry
