#include "core/numeric_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/big_endian.hpp"
#include "base/digits.hpp"
#include "base/error.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNan = 0xC000;
constexpr std::uint16_t kInfinity = 0xD000;
constexpr std::uint16_t kMinusInfinity = 0xF000;

// Groups of four decimal digits: `count` of them, the first worth 10000^weight.
struct Numeric {
  int count = 0;
  int weight = 0;
  std::uint16_t sign = 0;
  int scale = 0;
  const char* groups = nullptr;

  [[nodiscard]] unsigned group(int index) const {
    return index < 0 || index >= count ? 0u : load_big_endian<std::uint16_t>(groups + 2 * index);
  }
};

Numeric parse(std::string_view binary) {
  Numeric number;
  bool good = binary.size() >= kHeaderBytes;
  if (good) {
    number.count = load_big_endian<std::int16_t>(binary.data());
    number.weight = load_big_endian<std::int16_t>(binary.data() + 2);
    number.sign = load_big_endian<std::uint16_t>(binary.data() + 4);
    number.scale = load_big_endian<std::int16_t>(binary.data() + 6);
    number.groups = binary.data() + kHeaderBytes;
    good = number.count >= 0 && number.scale >= 0 &&
           binary.size() == kHeaderBytes + 2 * static_cast<std::size_t>(number.count);
    for (int index = 0; good && index < number.count; ++index) {
      good = number.group(index) < 10'000;
    }
  }
  if (!good) {
    throw Error(Failure::internal, "the bytes of a cell are no numeric");
  }
  return number;
}

char* write_fraction(const Numeric& number, char* out) {
  *out++ = '.';
  int left = number.scale;
  for (int index = number.weight + 1; left > 0; ++index) {
    char digits[4];
    write_four_digits(number.group(index), digits);
    const int count = std::min(left, 4);
    out = std::copy(digits, digits + count, out);
    left -= count;
  }
  return out;
}

char* write_whole(const Numeric& number, char* out) {
  if (number.weight < 0) {
    *out++ = '0';
    return out;
  }
  out = write_integer(number.group(0), out);
  for (int index = 1; index <= number.weight; ++index) {
    out = write_four_digits(number.group(index), out);
  }
  return out;
}

// `digits` and `exponent` of d.ddd * 10^exponent, as PostgreSQL lays them out.
void append_laid_out(std::string_view digits, int exponent, int fixed_below, Buffer& out) {
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= fixed_below) {
    out.append(digits[0]);
    if (count > 1) {
      out.append('.');
      out.append(digits.substr(1));
    }
    char* end = out.prepare(kIntegerTextMax);
    *end++ = 'e';
    *end++ = exponent < 0 ? '-' : '+';
    const int size = std::abs(exponent);
    end =
        size < 100 ? write_two_digits(static_cast<unsigned>(size), end) : write_integer(size, end);
    out.commit_to(end);
  } else if (exponent < 0) {
    out.append("0.");
    out.append(std::string_view("000").substr(0, static_cast<std::size_t>(-exponent - 1)));
    out.append(digits);
  } else if (count <= exponent + 1) {
    out.append(digits);
    for (int index = count; index < exponent + 1; ++index) {
      out.append('0');
    }
  } else {
    out.append(digits.substr(0, static_cast<std::size_t>(exponent + 1)));
    out.append('.');
    out.append(digits.substr(static_cast<std::size_t>(exponent + 1)));
  }
}

template <class Float>
void append_float(Float value, int fixed_below, Buffer& out) {
  if (std::isnan(value)) {
    out.append("NaN");
    return;
  }
  if (std::signbit(value)) {
    out.append('-');
    value = -value;
  }
  if (std::isinf(value)) {
    out.append("Infinity");
    return;
  }
  if (value == 0) {
    out.append('0');
    return;
  }
  char text[40];
  const char* end =
      std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  const char* letter = std::find(static_cast<const char*>(text), end, 'e');
  char digits[32];
  char* last = std::remove_copy(static_cast<const char*>(text), letter, digits, '.');
  int exponent = 0;
  const char* number = letter + (letter[1] == '+' ? 2 : 1);
  std::from_chars(number, end, exponent);
  append_laid_out({digits, static_cast<std::size_t>(last - digits)}, exponent, fixed_below, out);
}

}  // namespace

bool is_finite_numeric(std::string_view binary) {
  const std::uint16_t sign = parse(binary).sign;
  return sign == 0 || sign == kNegative;
}

void append_numeric_text(std::string_view binary, Buffer& out) {
  const Numeric number = parse(binary);
  switch (number.sign) {
    case kNan:
      out.append("NaN");
      return;
    case kInfinity:
      out.append("Infinity");
      return;
    case kMinusInfinity:
      out.append("-Infinity");
      return;
    default:
      break;
  }
  const int whole = std::max(number.weight + 1, 1);
  char* end = out.prepare(static_cast<std::size_t>(4 * whole + number.scale) + 8);
  if (number.sign == kNegative) {
    *end++ = '-';
  }
  end = write_whole(number, end);
  if (number.scale > 0) {
    end = write_fraction(number, end);
  }
  out.commit_to(end);
}

void append_float_text(double value, Buffer& out) { append_float(value, 15, out); }
void append_float_text(float value, Buffer& out) { append_float(value, 6, out); }

}  // namespace rowferry
