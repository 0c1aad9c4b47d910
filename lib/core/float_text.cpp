#include "core/float_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "base/digits.hpp"

namespace rowferry {
namespace {

/// A decimal in scientific notation: `d.ddd` without trailing zeros, and the exponent.
struct Decimal {
  std::array<char, kFloatTextMax> digits;
  int count = 0;
  int exponent = 0;
};

/// Takes `d.ddde+xx`, the output of std::to_chars, apart.
Decimal take_apart(const char* begin, const char* end) {
  Decimal decimal;
  const char* mark = std::find(begin, end, 'e');
  for (const char* at = begin; at != mark; ++at) {
    if (*at != '.') {
      decimal.digits[static_cast<std::size_t>(decimal.count++)] = *at;
    }
  }
  while (decimal.count > 1 && decimal.digits[static_cast<std::size_t>(decimal.count) - 1] == '0') {
    --decimal.count;
  }
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, decimal.exponent);
  return decimal;
}

/// Whether a decimal lies exactly halfway between a value and its neighbour. Read back it may be
/// the value (ties go to even), so std::to_chars prints it; PostgreSQL's Ryu does not take it.
///
/// That needs a value of at least 2^(digits of the mantissa): below, a halfway point has more
/// digits than the shortest decimal. There with value = m * 2^e the halfway points are the integers
/// (2m +- 1) * 2^(e - 1), and (4m - 1) * 2^(e - 2) below a power of two.
template <class Float>
bool is_halfway(const Decimal& decimal, Float value) {
  constexpr int kMantissaBits = std::numeric_limits<Float>::digits;
  int exponent = 0;
  const auto mantissa =
      static_cast<std::uint64_t>(std::ldexp(std::frexp(value, &exponent), kMantissaBits));
  exponent -= kMantissaBits;
  constexpr int kFivesMax = 23;  // 5^24 is above 2^55, the largest odd part
  const int tens = decimal.exponent - (decimal.count - 1);
  if (exponent < 1 || tens < 0 || tens > kFivesMax) {
    return false;
  }
  std::uint64_t odd = 0;
  std::from_chars(decimal.digits.data(), decimal.digits.data() + decimal.count, odd);
  const int twos = std::countr_zero(odd);
  odd >>= twos;
  for (int power = 0; power < tens; ++power) {
    if (odd > (std::uint64_t{1} << 56u)) return false;
    odd *= 5;
  }
  const bool is_power_of_two = std::has_single_bit(mantissa);
  return (twos + tens == exponent - 1 && (odd == 2 * mantissa - 1 || odd == 2 * mantissa + 1)) ||
         (is_power_of_two && twos + tens == exponent - 2 && odd == 4 * mantissa - 1);
}

/// The shortest decimal strictly between the halfway points around a finite value above zero.
template <class Float>
Decimal shortest(Float value) {
  std::array<char, 64> text;
  char* const begin = text.data();
  char* const end = begin + text.size();
  Decimal decimal =
      take_apart(begin, std::to_chars(begin, end, value, std::chars_format::scientific).ptr);
  for (int precision = decimal.count; is_halfway(decimal, value); ++precision) {
    const auto to = std::to_chars(begin, end, value, std::chars_format::scientific, precision);
    decimal = take_apart(begin, to.ptr);
  }
  return decimal;
}

char* write_scientific(const Decimal& decimal, char* out) {
  *out++ = decimal.digits[0];
  if (decimal.count > 1) {
    *out++ = '.';
    out = write_text({decimal.digits.data() + 1, static_cast<std::size_t>(decimal.count) - 1}, out);
  }
  *out++ = 'e';
  *out++ = decimal.exponent < 0 ? '-' : '+';
  const auto exponent = static_cast<unsigned>(std::abs(decimal.exponent));
  return exponent < 100 ? write_two_digits(exponent, out) : write_integer(exponent, out);
}

char* write_fixed(const Decimal& decimal, char* out) {
  const char* digits = decimal.digits.data();
  const int whole = decimal.exponent + 1;
  if (whole <= 0) {
    out = write_text("0.", out);
    out = std::fill_n(out, -whole, '0');
    return write_text({digits, static_cast<std::size_t>(decimal.count)}, out);
  }
  const int given = std::min(whole, decimal.count);
  out = write_text({digits, static_cast<std::size_t>(given)}, out);
  out = std::fill_n(out, whole - given, '0');
  if (decimal.count > whole) {
    *out++ = '.';
    out = write_text({digits + whole, static_cast<std::size_t>(decimal.count - whole)}, out);
  }
  return out;
}

template <class Float>
char* write_any(Float value, char* out) {
  if (std::isnan(value)) {
    return write_text("NaN", out);
  }
  if (std::signbit(value)) {
    *out++ = '-';
    value = -value;
  }
  if (std::isinf(value)) {
    return write_text("Infinity", out);
  }
  if (value == 0) {
    *out++ = '0';
    return out;
  }
  const Decimal decimal = shortest(value);
  const bool is_fixed =
      decimal.exponent >= -4 && decimal.exponent < std::numeric_limits<Float>::digits10;
  return is_fixed ? write_fixed(decimal, out) : write_scientific(decimal, out);
}

}  // namespace

char* write_float(double value, char* out) { return write_any(value, out); }

char* write_float(float value, char* out) { return write_any(value, out); }

}  // namespace rowferry
