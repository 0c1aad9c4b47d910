#include "base/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace rowferry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;

constexpr auto kMonthNames = std::to_array<std::string_view>(
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
constexpr auto kDayNames =
    std::to_array<std::string_view>({"sun", "mon", "tue", "wed", "thu", "fri", "sat"});

/// What a field may hold. `minimum` is also the number of the first name.
struct Field {
  std::string_view name;
  int minimum;
  int maximum;
  std::span<const std::string_view> names;
};

constexpr std::size_t kFields = 5;
const std::array<Field, kFields> kFieldTable{{{"minute", 0, 59, {}},
                                              {"hour", 0, 23, {}},
                                              {"day of month", 1, 31, {}},
                                              {"month", 1, 12, kMonthNames},
                                              {"day of week", 0, 7, kDayNames}}};

struct Alias {
  std::string_view name;
  std::string_view expression;
};
constexpr auto kAliases = std::to_array<Alias>({{"@yearly", "0 0 1 1 *"},
                                                {"@annually", "0 0 1 1 *"},
                                                {"@monthly", "0 0 1 * *"},
                                                {"@weekly", "0 0 * * 0"},
                                                {"@daily", "0 0 * * *"},
                                                {"@midnight", "0 0 * * *"},
                                                {"@hourly", "0 * * * *"}});

[[noreturn]] void refuse(const std::string& why) {
  throw Error(Failure::config, fmt::format("not a cron expression: {}", why));
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t start = text.find_first_not_of(separators);
  while (start != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = text.find_first_not_of(separators, end);
  }
  return parts;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
  });
  return result;
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= 0 ? std::optional(number) : std::nullopt;
}

int parse_value(const Field& field, std::string_view text) {
  const std::string word = lower(text);
  for (std::size_t index = 0; index < field.names.size(); ++index) {
    if (word == field.names[index]) {
      return field.minimum + static_cast<int>(index);
    }
  }
  const auto number = parse_number(text);
  if (!number || *number < field.minimum || *number > field.maximum) {
    refuse(fmt::format("'{}' is no {} ({} to {})", text, field.name, field.minimum, field.maximum));
  }
  return *number;
}

/// One item of a field's list: `*`, `a`, `a-b`, each with `/step` perhaps.
void parse_item(const Field& field, std::string_view item, std::bitset<64>& values) {
  const std::size_t slash = item.find('/');
  const std::string_view range = item.substr(0, slash);
  const bool stepped = slash != std::string_view::npos;
  const auto step = stepped ? parse_number(item.substr(slash + 1)) : std::optional(1);
  if (!step || *step == 0) {
    refuse(fmt::format("'{}' has no step of at least 1", item));
  }
  const std::size_t dash = range.find('-');
  int first = field.minimum;
  int last = field.maximum;
  if (range != "*") {
    first = parse_value(field, range.substr(0, dash));
    last = stepped ? field.maximum : first;
    last = dash == std::string_view::npos ? last : parse_value(field, range.substr(dash + 1));
    const bool ends_on_sunday = field.maximum == 7 && last == 0 && dash != std::string_view::npos;
    last = ends_on_sunday && first > 0 ? 7 : last;
  }
  if (last < first) {
    refuse(fmt::format("the range '{}' runs backwards", range));
  }
  for (int value = first; value <= last; value += *step) {
    values.set(static_cast<std::size_t>(value));
  }
}

std::bitset<64> parse_field(const Field& field, std::string_view text) {
  std::bitset<64> values;
  if (text.starts_with(',') || text.ends_with(',') || text.find(",,") != std::string_view::npos) {
    refuse(fmt::format("'{}' has an empty item in its list", text));
  }
  for (const std::string_view item : split(text, ",")) {
    parse_item(field, item, values);
  }
  return values;
}

std::string_view without_alias(std::string_view expression) {
  const std::string word = lower(expression);
  for (const Alias& alias : kAliases) {
    if (word == alias.name) {
      return alias.expression;
    }
  }
  return expression;
}

template <std::size_t kSize>
std::bitset<kSize> narrowed(const std::bitset<64>& values) {
  return std::bitset<kSize>(values.to_ullong() & ((1ull << kSize) - 1));
}

}  // namespace

Cron::Cron(std::string_view expression) {
  const auto fields = split(without_alias(expression), " \t");
  if (fields.size() != kFields) {
    refuse(
        fmt::format("'{}' has {} fields instead of five (minute, hour, day of month, month, day "
                    "of week)",
                    expression, fields.size()));
  }
  std::array<std::bitset<64>, kFields> values;
  for (std::size_t index = 0; index < kFields; ++index) {
    values[index] = parse_field(kFieldTable[index], fields[index]);
  }
  minutes_ = narrowed<60>(values[0]);
  hours_ = narrowed<24>(values[1]);
  days_ = narrowed<32>(values[2]);
  months_ = narrowed<13>(values[3]);
  weekdays_ = narrowed<7>(values[4]);
  weekdays_[0] = weekdays_[0] || values[4][7];
  any_day_ = fields[2] == "*";
  any_weekday_ = fields[4] == "*";
  if (!ever_matches()) {
    refuse(fmt::format("'{}' names a day that never comes", expression));
  }
}

bool Cron::ever_matches() const {
  if (!any_weekday_) {
    return true;
  }
  constexpr std::array<std::size_t, 13> kLengths{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (std::size_t month = 1; month <= 12; ++month) {
    for (std::size_t day = 1; months_[month] && day <= kLengths[month]; ++day) {
      if (days_[day]) {
        return true;
      }
    }
  }
  return false;
}

bool Cron::matches(local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_[static_cast<unsigned>(date.month())]) {
    return false;
  }
  const bool day_matches = days_[static_cast<unsigned>(date.day())];
  const bool weekday_matches = weekdays_[std::chrono::weekday(day).c_encoding()];
  if (any_day_ || any_weekday_) {
    return day_matches && weekday_matches;
  }
  return day_matches || weekday_matches;
}

bool Cron::matches(LocalTime time) const {
  const local_days day = std::chrono::floor<days>(time);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<minutes>(time - day));
  return minutes_[static_cast<std::size_t>(clock.minutes().count())] &&
         hours_[static_cast<std::size_t>(clock.hours().count())] && matches(day);
}

local_days Cron::first_day(local_days day) const {
  while (!matches(day)) {
    day += days(1);
  }
  return day;
}

LocalTime Cron::next_local(LocalTime time) const {
  const LocalTime start = std::chrono::floor<minutes>(time) + minutes(1);
  local_days day = std::chrono::floor<days>(start);
  LocalTime from = start;
  while (true) {
    const local_days due = first_day(day);
    from = due == day ? from : LocalTime(due);
    for (; from < due + days(1); from += minutes(1)) {
      if (matches(from)) {
        return from;
      }
    }
    day = due + days(1);
    from = day;
  }
}

WallTime Cron::next_in_real_time(WallTime time, const TimeZone& zone) const {
  WallTime candidate = std::chrono::floor<minutes>(time) + minutes(1);
  while (true) {
    const LocalTime local = zone.to_local(candidate);
    const local_days day = std::chrono::floor<days>(local);
    const local_days due = first_day(day);
    if (due != day) {
      candidate = std::max(zone.to_wall(LocalTime(due)), candidate + minutes(1));
      continue;
    }
    if (matches(local)) {
      return candidate;
    }
    candidate += minutes(1);
  }
}

WallTime Cron::next_after(WallTime time, const TimeZone& zone) const {
  if (hours_.all()) {
    return next_in_real_time(time, zone);
  }
  LocalTime local = zone.to_local(time);
  while (true) {
    local = next_local(local);
    const WallTime due = zone.to_wall(local);
    if (due > time) {
      return due;
    }
  }
}

}  // namespace rowferry
