#include "core/time_from_text.hpp"

#include <array>
#include <limits>
#include <optional>

#include "core/calendar.hpp"
#include "core/text_scanner.hpp"

namespace rowferry {
namespace {

// What PostgreSQL holds, in days from 2000-01-01: from 4714-11-24 BC on, dates before 5874898-01-01
// and timestamps before 294277-01-01.
constexpr std::int64_t kDaysMin = -2'451'545;
constexpr std::int64_t kDateDaysEnd = 2'145'031'949;
constexpr std::int64_t kTimestampDaysEnd = 106'751'983;

/// A date as written, before ` BC` and the calendar are looked at.
std::optional<CivilDate> scan_date(TextScanner& scanner) {
  const auto year = scanner.eat_number(4, 7);
  if (!year || !scanner.eat('-')) return std::nullopt;
  const auto month = scanner.eat_number(1, 2);
  if (!month || !scanner.eat('-')) return std::nullopt;
  const auto day = scanner.eat_number(1, 2);
  if (!day) return std::nullopt;
  return CivilDate{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
}

/// The days of a date whose text ends here but for ` BC`.
TextFit finish_date(TextScanner& scanner, CivilDate date, std::int64_t& days) {
  scanner.skip_blanks();
  const bool is_before_christ = scanner.eat("BC");
  if (!scanner.at_end()) {
    return TextFit::malformed;
  }
  if (date.year == 0) {
    return TextFit::out_of_range;
  }
  if (is_before_christ) {
    date.year = 1 - date.year;
  }
  if (!is_valid(date)) {
    return TextFit::out_of_range;
  }
  days = days_from_civil(date);
  return TextFit::fits;
}

/// The microseconds of a fraction's digits; beyond the sixth they round, a half to the even side.
std::int64_t microseconds_of(std::string_view digits) {
  std::int64_t microseconds = 0;
  for (std::size_t index = 0; index < 6; ++index) {
    microseconds = microseconds * 10 + (index < digits.size() ? digits[index] - '0' : 0);
  }
  if (digits.size() <= 6 || digits[6] < '5') {
    return microseconds;
  }
  const bool is_half =
      digits[6] == '5' && digits.find_first_not_of('0', 7) == std::string_view::npos;
  return microseconds + (is_half ? microseconds % 2 : 1);
}

/// A time of day, `4:05`, `04:05:06` or `04:05:06.789`.
TextFit scan_time(TextScanner& scanner, std::int64_t& microseconds) {
  const auto hours = scanner.eat_number(1, 2);
  if (!hours || !scanner.eat(':')) return TextFit::malformed;
  const auto minutes = scanner.eat_number(2, 2);
  if (!minutes) return TextFit::malformed;
  std::int64_t seconds = 0;
  std::int64_t fraction = 0;
  if (scanner.eat(':')) {
    const auto number = scanner.eat_number(2, 2);
    if (!number) return TextFit::malformed;
    seconds = *number;
    if (scanner.eat('.')) fraction = microseconds_of(scanner.eat_digits());
  }
  if (*minutes > 59 || seconds > 59) {
    return TextFit::out_of_range;
  }
  const std::int64_t total =
      (*hours * 3600 + *minutes * 60 + seconds) * kMicrosecondsPerSecond + fraction;
  if (total > kMicrosecondsPerDay) {
    return TextFit::out_of_range;
  }
  microseconds = total;
  return TextFit::fits;
}

/// A zone's offset from UTC, `Z`, `+02`, `+0530`, `-03:30` or `+00:19:32`; 0 when there is none.
TextFit scan_zone(TextScanner& scanner, std::int64_t& offset_seconds) {
  offset_seconds = 0;
  if (scanner.eat('Z') || scanner.eat('z')) {
    return TextFit::fits;
  }
  const bool is_west = scanner.eat('-');
  if (!is_west && !scanner.eat('+')) {
    return TextFit::fits;
  }
  const std::string_view digits = scanner.eat_digits();
  if (digits.size() != 2 && digits.size() != 4) {
    return TextFit::malformed;
  }
  std::array<std::int64_t, 3> parts{};
  TextScanner hours(digits.substr(0, 2));
  TextScanner minutes(digits.substr(2));
  parts[0] = hours.eat_number(2, 2).value_or(0);
  parts[1] = minutes.eat_number(2, 2).value_or(0);
  for (std::size_t part = digits.size() / 2; part < parts.size() && scanner.eat(':'); ++part) {
    const auto number = scanner.eat_number(2, 2);
    if (!number) return TextFit::malformed;
    parts[part] = *number;
  }
  constexpr std::int64_t kHoursMax = 15;
  if (parts[0] > kHoursMax || parts[1] > 59 || parts[2] > 59) {
    return TextFit::out_of_range;
  }
  offset_seconds = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * (is_west ? -1 : 1);
  return TextFit::fits;
}

/// The time of day in UTC behind a date: may be negative or beyond a day. A timestamp without zone
/// takes none but UTC.
TextFit scan_time_and_zone(TextScanner& scanner, ZoneText zone, std::int64_t& microseconds) {
  if (!scanner.eat('T')) {
    scanner.skip_blanks();
  }
  std::int64_t time_of_day = 0;
  if (scanner.at_digit()) {
    const TextFit fit = scan_time(scanner, time_of_day);
    if (fit != TextFit::fits) return fit;
    scanner.skip_blanks();
  }
  std::int64_t offset_seconds = 0;
  const TextFit fit = scan_zone(scanner, offset_seconds);
  if (fit != TextFit::fits) return fit;
  if (zone == ZoneText::none && offset_seconds != 0) {
    return TextFit::malformed;
  }
  microseconds = time_of_day - offset_seconds * kMicrosecondsPerSecond;
  return TextFit::fits;
}

/// The greatest or least value for `infinity` and `-infinity`.
template <class Integer>
std::optional<Integer> infinity_of(std::string_view text) {
  if (is_word(text, "infinity")) return std::numeric_limits<Integer>::max();
  if (is_word(text, "-infinity")) return std::numeric_limits<Integer>::min();
  return std::nullopt;
}

}  // namespace

TextFit date_from_text(std::string_view text, std::int32_t& days) {
  if (const auto infinity = infinity_of<std::int32_t>(text); infinity) {
    days = *infinity;
    return TextFit::fits;
  }
  TextScanner scanner(text);
  const auto date = scan_date(scanner);
  if (!date) {
    return TextFit::malformed;
  }
  std::int64_t count = 0;
  const TextFit fit = finish_date(scanner, *date, count);
  if (fit != TextFit::fits) {
    return fit;
  }
  if (count < kDaysMin || count >= kDateDaysEnd) {
    return TextFit::out_of_range;
  }
  days = static_cast<std::int32_t>(count);
  return TextFit::fits;
}

TextFit time_of_day_from_text(std::string_view text, std::int64_t& microseconds) {
  TextScanner scanner(text);
  std::int64_t value = 0;
  const TextFit fit = scan_time(scanner, value);
  if (fit != TextFit::fits) {
    return fit;
  }
  if (!scanner.at_end()) {
    return TextFit::malformed;
  }
  microseconds = value;
  return TextFit::fits;
}

TextFit timestamp_from_text(std::string_view text, ZoneText zone, std::int64_t& microseconds) {
  if (const auto infinity = infinity_of<std::int64_t>(text); infinity) {
    microseconds = *infinity;
    return TextFit::fits;
  }
  TextScanner scanner(text);
  const auto date = scan_date(scanner);
  if (!date) {
    return TextFit::malformed;
  }
  std::int64_t time = 0;
  std::int64_t days = 0;
  TextFit fit = scan_time_and_zone(scanner, zone, time);
  if (fit == TextFit::fits) {
    fit = finish_date(scanner, *date, days);
  }
  if (fit != TextFit::fits) {
    return fit;
  }
  // A day more at both ends, for the zone; the product stays in 64 bits.
  if (days < kDaysMin - 1 || days > kTimestampDaysEnd) {
    return TextFit::out_of_range;
  }
  const std::int64_t value = days * kMicrosecondsPerDay + time;
  if (value < kDaysMin * kMicrosecondsPerDay || value >= kTimestampDaysEnd * kMicrosecondsPerDay) {
    return TextFit::out_of_range;
  }
  microseconds = value;
  return TextFit::fits;
}

}  // namespace rowferry
