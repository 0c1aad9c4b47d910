#include "core/interval_from_text.hpp"

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/calendar.hpp"
#include "core/text_scanner.hpp"

namespace rowferry {
namespace {

/// Reads the parts of one interval.
class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) : scanner_(text) {}

  TextFit read(Interval& interval) {
    if (scanner_.at_end()) {
      return TextFit::malformed;
    }
    while (!scanner_.at_end()) {
      const TextFit fit = read_part();
      if (fit != TextFit::fits) return fit;
      scanner_.skip_blanks();
    }
    std::int64_t months = 0;
    if (__builtin_mul_overflow(years_.value_or(0), 12, &months) ||
        __builtin_add_overflow(months, months_.value_or(0), &months) || !is_small(months) ||
        !is_small(days_.value_or(0))) {
      return TextFit::out_of_range;
    }
    interval = {time_.value_or(0), static_cast<std::int32_t>(days_.value_or(0)),
                static_cast<std::int32_t>(months)};
    return TextFit::fits;
  }

 private:
  static bool is_small(std::int64_t count) { return static_cast<std::int32_t>(count) == count; }

  TextFit read_part() {
    const bool is_negative = scanner_.eat('-');
    if (!is_negative) scanner_.eat('+');
    const std::string_view digits = scanner_.eat_digits();
    if (digits.empty() || time_) {
      return TextFit::malformed;
    }
    std::int64_t count = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (result.ec != std::errc{}) {
      return TextFit::out_of_range;
    }
    count = is_negative ? -count : count;
    if (scanner_.eat(':')) {
      return read_time(count, is_negative);
    }
    scanner_.skip_blanks();
    std::optional<std::int64_t>* part = unit();
    scanner_.eat('s');
    if (part == nullptr || *part || !(scanner_.at_end() || is_blank(scanner_.peek()))) {
      return TextFit::malformed;
    }
    *part = count;
    return TextFit::fits;
  }

  std::optional<std::int64_t>* unit() {
    if (scanner_.eat("year")) return &years_;
    if (scanner_.eat("month") || scanner_.eat("mon")) return &months_;
    if (scanner_.eat("day")) return &days_;
    return nullptr;
  }

  /// Minutes, seconds and fraction behind the hours, all of one sign.
  TextFit read_time(std::int64_t hours, bool is_negative) {
    const auto minutes = scanner_.eat_number(2, 2);
    if (!minutes || !scanner_.eat(':')) return TextFit::malformed;
    const auto seconds = scanner_.eat_number(2, 2);
    if (!seconds) return TextFit::malformed;
    std::string_view fraction;
    if (scanner_.eat('.')) {
      fraction = scanner_.eat_digits();
      if (fraction.empty() || fraction.size() > 6) return TextFit::malformed;
    }
    if (*minutes > 59 || *seconds > 59) return TextFit::out_of_range;
    std::int64_t microseconds = 0;
    for (std::size_t index = 0; index < 6; ++index) {
      microseconds = microseconds * 10 + (index < fraction.size() ? fraction[index] - '0' : 0);
    }
    const std::int64_t rest = (*minutes * 60 + *seconds) * kMicrosecondsPerSecond + microseconds;
    std::int64_t total = 0;
    if (__builtin_mul_overflow(hours, 3600 * kMicrosecondsPerSecond, &total) ||
        __builtin_add_overflow(total, is_negative ? -rest : rest, &total)) {
      return TextFit::out_of_range;
    }
    time_ = total;
    return TextFit::fits;
  }

  TextScanner scanner_;
  std::optional<std::int64_t> years_;
  std::optional<std::int64_t> months_;
  std::optional<std::int64_t> days_;
  std::optional<std::int64_t> time_;
};

}  // namespace

TextFit interval_from_text(std::string_view text, Interval& interval) {
  if (is_word(text, "infinity") || is_word(text, "-infinity")) {
    interval = infinite_interval(text.starts_with('-'));
    return TextFit::fits;
  }
  return IntervalReader(text).read(interval);
}

}  // namespace rowferry
