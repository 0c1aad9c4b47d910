#include "core/numeric_text.hpp"

#include <algorithm>
#include <cstdint>

#include "base/digits.hpp"
#include "core/binary_cell.hpp"

namespace rowferry {
namespace {

using namespace numeric_form;

[[noreturn]] void throw_malformed(std::string_view binary) {
  throw_malformed_cell({.element = ColumnType::numeric}, binary.size());
}

struct Numeric {
  std::string_view digits;  ///< two bytes each
  int count = 0;
  int weight = 0;  ///< the power of 10,000 of the first digit
  std::uint16_t sign = kPositive;
  int scale = 0;
};

Numeric parse(std::string_view binary) {
  if (binary.size() < kHeaderBytes) {
    throw_malformed(binary);
  }
  const char* header = binary.data();
  Numeric numeric;
  numeric.digits = binary.substr(kHeaderBytes);
  numeric.count = load_big_endian<std::uint16_t>(header);
  numeric.weight = load_big_endian<std::int16_t>(header + 2);
  numeric.sign = load_big_endian<std::uint16_t>(header + 4);
  numeric.scale = load_big_endian<std::uint16_t>(header + 6);
  const bool is_known_sign = numeric.sign == kPositive || numeric.sign == kNegative ||
                             numeric.sign == kNan || numeric.sign == kInfinity ||
                             numeric.sign == kNegativeInfinity;
  if (numeric.digits.size() != 2 * static_cast<std::size_t>(numeric.count) || !is_known_sign ||
      numeric.scale > kScaleMax) {
    throw_malformed(binary);
  }
  return numeric;
}

std::string_view special_text(std::uint16_t sign) {
  switch (sign) {
    case kNan:
      return "NaN";
    case kInfinity:
      return "Infinity";
    case kNegativeInfinity:
      return "-Infinity";
    default:
      return {};
  }
}

/// The digit that many places behind the first; 0 where none is stored.
unsigned digit_at(const Numeric& numeric, int place) {
  if (place < 0 || place >= numeric.count) {
    return 0;
  }
  const auto digit = load_big_endian<std::uint16_t>(numeric.digits.data() + 2 * place);
  if (digit > 9999) {
    throw_malformed(numeric.digits);
  }
  return digit;
}

char* write_whole(const Numeric& numeric, char* out) {
  if (numeric.weight < 0) {
    *out++ = '0';
    return out;
  }
  out = write_integer(digit_at(numeric, 0), out);
  for (int place = 1; place <= numeric.weight; ++place) {
    out = write_four_digits(digit_at(numeric, place), out);
  }
  return out;
}

char* write_decimals(const Numeric& numeric, char* out) {
  if (numeric.scale == 0) {
    return out;
  }
  *out++ = '.';
  char* const end = out + numeric.scale;
  for (int place = numeric.weight + 1; out < end; ++place) {
    out = write_four_digits(digit_at(numeric, place), out);
  }
  return end;
}

}  // namespace

bool is_finite_numeric(std::string_view binary) {
  if (binary.size() < kHeaderBytes) {
    throw_malformed(binary);
  }
  return (load_big_endian<std::uint16_t>(binary.data() + 4) & kNan) != kNan;
}

void append_numeric_text(std::string_view binary, Buffer& out) {
  const Numeric numeric = parse(binary);
  if (const std::string_view special = special_text(numeric.sign); !special.empty()) {
    out.append(special);
    return;
  }
  const auto whole = static_cast<std::size_t>(std::max(numeric.weight, 0) + 1) * 4;
  const auto decimals = static_cast<std::size_t>(numeric.scale) + 4;
  char* text = out.prepare(whole + decimals + kIntegerTextMax);
  if (numeric.sign == kNegative) {
    *text++ = '-';
  }
  out.commit_to(write_decimals(numeric, write_whole(numeric, text)));
}

}  // namespace rowferry
