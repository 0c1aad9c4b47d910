#include "core/cell_from_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <system_error>

#include "base/big_endian.hpp"
#include "base/digits.hpp"
#include "base/json_syntax.hpp"
#include "base/utf8.hpp"
#include "core/array_from_text.hpp"
#include "core/interval_from_text.hpp"
#include "core/numeric_from_text.hpp"
#include "core/text_scanner.hpp"
#include "core/time_from_text.hpp"

namespace rowferry {
namespace {

template <class Integer>
void append_integer(Integer value, Buffer& out) {
  out.commit_to(store_big_endian(value, out.prepare(sizeof value)));
}

TextFit fit_of(std::errc error) {
  if (error == std::errc{}) return TextFit::fits;
  return error == std::errc::result_out_of_range ? TextFit::out_of_range : TextFit::malformed;
}

/// A text without its leading plus, which std::from_chars does not take.
std::string_view without_plus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

template <class Integer>
TextFit integer_from_text(std::string_view text, Buffer& out) {
  text = without_plus(text);
  Integer value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end) {
    return TextFit::malformed;
  }
  if (result.ec == std::errc{}) {
    append_integer(value, out);
  }
  return fit_of(result.ec);
}

/// `NaN`, `Infinity` and `inf` in any case; the sign of an infinity is left to the caller.
template <class Float>
bool special_float(std::string_view text, Float& value) {
  if (is_word(text, "nan")) {
    value = std::numeric_limits<Float>::quiet_NaN();
    return true;
  }
  value = std::numeric_limits<Float>::infinity();
  return is_word(text, "infinity") || is_word(text, "inf");
}

template <class Float, class Bits>
TextFit float_from_text(std::string_view text, Buffer& out) {
  text = without_plus(text);
  const bool is_negative = text.starts_with('-');
  if (is_negative) {
    text.remove_prefix(1);
  }
  Float value = 0;
  if (!special_float(text, value)) {
    if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) {
      return TextFit::malformed;
    }
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (result.ptr != end) return TextFit::malformed;
    if (result.ec != std::errc{}) return fit_of(result.ec);
  } else if (is_negative && std::isnan(value)) {
    return TextFit::malformed;
  }
  append_integer(std::bit_cast<Bits>(is_negative ? -value : value), out);
  return TextFit::fits;
}

TextFit boolean_from_text(std::string_view text, Buffer& out) {
  constexpr std::array kTrue = {"true", "tru", "tr", "t", "yes", "ye", "y", "on", "1"};
  constexpr std::array kFalse = {"false", "fals", "fal", "fa", "f", "no", "n", "off", "of", "0"};
  const auto is_one_of = [text](const auto& words) {
    return std::ranges::any_of(words, [text](const char* word) { return is_word(text, word); });
  };
  const bool is_true = is_one_of(kTrue);
  if (!is_true && !is_one_of(kFalse)) {
    return TextFit::malformed;
  }
  out.append(is_true ? '\1' : '\0');
  return TextFit::fits;
}

TextFit string_from_text(const Type& type, std::string_view text, Buffer& out) {
  const auto characters = count_utf8(text);
  if (!characters || text.find('\0') != std::string_view::npos) {
    return TextFit::malformed;
  }
  if (type.length > 0 && *characters > static_cast<std::size_t>(type.length)) {
    return TextFit::out_of_range;
  }
  out.append(text);
  return TextFit::fits;
}

TextFit json_from_text(std::string_view text, Buffer& out) {
  if (json_syntax(text) == JsonSyntax::none || !is_utf8(text)) {
    return TextFit::malformed;
  }
  out.append(text);
  return TextFit::fits;
}

TextFit jsonb_from_text(std::string_view text, Buffer& out) {
  constexpr char kVersion = 1;
  if (json_syntax(text) != JsonSyntax::strict || !is_utf8(text)) {
    return TextFit::malformed;
  }
  out.append(kVersion);
  char* json = out.prepare(text.size());
  const auto is_line_end = [](char each) { return each == '\n' || each == '\r'; };
  out.commit_to(std::ranges::replace_copy_if(text, json, is_line_end, ' ').out);
  return TextFit::fits;
}

/// Appends the bytes of hexadecimal digits; false, and nothing appended: they are none.
bool append_hex(std::string_view digits, Buffer& out) {
  if (digits.size() % 2 != 0) {
    return false;
  }
  char* byte = out.prepare(digits.size() / 2);
  for (std::size_t index = 0; index < digits.size(); index += 2) {
    const int high = hex_digit_value(digits[index]);
    const int low = hex_digit_value(digits[index + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    *byte++ = static_cast<char>(high * 16 + low);
  }
  out.commit_to(byte);
  return true;
}

TextFit bytes_from_text(std::string_view text, Buffer& out) {
  const bool is_hex = text.starts_with("\\x");
  return is_hex && append_hex(text.substr(2), out) ? TextFit::fits : TextFit::malformed;
}

/// 32 digits, with a hyphen behind any group of four, with or without braces around them.
TextFit uuid_from_text(std::string_view text, Buffer& out) {
  if (text.starts_with('{') && text.ends_with('}') && text.size() > 1) {
    text = text.substr(1, text.size() - 2);
  }
  std::array<char, 32> digits{};
  std::size_t count = 0;
  bool may_be_hyphen = false;
  for (const char character : text) {
    if (character == '-' && may_be_hyphen) {
      may_be_hyphen = false;
      continue;
    }
    if (count == digits.size()) {
      return TextFit::malformed;
    }
    digits[count++] = character;
    may_be_hyphen = count < digits.size() && count % 4 == 0;
  }
  const bool is_whole = count == digits.size();
  return is_whole && append_hex({digits.data(), count}, out) ? TextFit::fits : TextFit::malformed;
}

TextFit append_date(std::string_view text, Buffer& out) {
  std::int32_t days = 0;
  const TextFit fit = date_from_text(text, days);
  if (fit == TextFit::fits) append_integer(days, out);
  return fit;
}

TextFit append_time(std::string_view text, Buffer& out) {
  std::int64_t microseconds = 0;
  const TextFit fit = time_of_day_from_text(text, microseconds);
  if (fit == TextFit::fits) append_integer(microseconds, out);
  return fit;
}

TextFit append_timestamp(std::string_view text, ZoneText zone, Buffer& out) {
  std::int64_t microseconds = 0;
  const TextFit fit = timestamp_from_text(text, zone, microseconds);
  if (fit == TextFit::fits) append_integer(microseconds, out);
  return fit;
}

TextFit append_interval(std::string_view text, Buffer& out) {
  Interval interval;
  const TextFit fit = interval_from_text(text, interval);
  if (fit == TextFit::fits) out.commit_to(store_interval(interval, out.prepare(kIntervalBytes)));
  return fit;
}

TextFit scalar_from_text(const Type& type, std::string_view text, Buffer& out) {
  const std::string_view trimmed = trim_blanks(text);
  switch (type.element) {
    case ColumnType::boolean:
      return boolean_from_text(trimmed, out);
    case ColumnType::int16:
      return integer_from_text<std::int16_t>(trimmed, out);
    case ColumnType::int32:
      return integer_from_text<std::int32_t>(trimmed, out);
    case ColumnType::int64:
      return integer_from_text<std::int64_t>(trimmed, out);
    case ColumnType::float32:
      return float_from_text<float, std::uint32_t>(trimmed, out);
    case ColumnType::float64:
      return float_from_text<double, std::uint64_t>(trimmed, out);
    case ColumnType::numeric:
      return numeric_from_text(type, trimmed, out);
    case ColumnType::text:
      return string_from_text(type, text, out);
    case ColumnType::bytes:
      return bytes_from_text(text, out);
    case ColumnType::uuid:
      return uuid_from_text(trimmed, out);
    case ColumnType::json:
      return json_from_text(text, out);
    case ColumnType::jsonb:
      return jsonb_from_text(text, out);
    case ColumnType::date:
      return append_date(trimmed, out);
    case ColumnType::time:
      return append_time(trimmed, out);
    case ColumnType::timestamp:
      return append_timestamp(trimmed, ZoneText::none, out);
    case ColumnType::timestamptz:
      return append_timestamp(trimmed, ZoneText::utc, out);
    case ColumnType::interval:
      return append_interval(trimmed, out);
  }
  return TextFit::malformed;
}

}  // namespace

TextFit cell_from_text(const Type& type, std::string_view text, Buffer& out) {
  const std::size_t start = out.size();
  const TextFit fit = type.is_array
                          ? array_from_text(type, trim_blanks(text), scalar_from_text, out)
                          : scalar_from_text(type, text, out);
  if (fit != TextFit::fits) {
    out.truncate(start);
  }
  return fit;
}

std::string explain_misfit(TextFit fit, const Type& type, std::string_view text) {
  constexpr std::size_t kShownBytesMax = 100;
  const bool is_long = text.size() > kShownBytesMax;
  std::size_t shown = std::min(text.size(), kShownBytesMax);
  // Never half a character.
  while (is_long && shown > 0 && (static_cast<unsigned char>(text[shown]) & 0xC0u) == 0x80u) {
    --shown;
  }
  return fmt::format("\"{}{}\" is {} type {}", text.substr(0, shown), is_long ? "..." : "",
                     fit == TextFit::out_of_range ? "out of range for" : "no value of",
                     to_string(type));
}

}  // namespace rowferry
