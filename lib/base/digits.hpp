#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string_view>

namespace rowferry {

/// The most characters that an integer of 64 bits takes.
inline constexpr std::size_t kIntegerTextMax = 20;

/// "000102...99": the decimal digits of 0 to 99, two characters each.
inline constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t value = 0; value < 100; ++value) {
    pairs[2 * value] = static_cast<char>('0' + value / 10);
    pairs[2 * value + 1] = static_cast<char>('0' + value % 10);
  }
  return pairs;
}();

/// "000102...ff": the hexadecimal digits of each byte, two characters each.
inline constexpr std::array<char, 512> kHexPairs = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t value = 0; value < 256; ++value) {
    pairs[2 * value] = digits[value / 16];
    pairs[2 * value + 1] = digits[value % 16];
  }
  return pairs;
}();

/// Writes a number below 100 as two digits; returns the end.
inline char* write_two_digits(unsigned value, char* out) {
  std::memcpy(out, kDigitPairs.data() + 2 * value, 2);
  return out + 2;
}

/// Writes a number below 10,000 as four digits; returns the end.
inline char* write_four_digits(unsigned value, char* out) {
  return write_two_digits(value % 100, write_two_digits(value / 100, out));
}

/// Writes an integer in decimal; returns the end. Needs `kIntegerTextMax` characters of room.
template <std::integral Integer>
char* write_integer(Integer value, char* out) {
  return std::to_chars(out, out + kIntegerTextMax, value).ptr;
}

/// Writes text; returns the end.
inline char* write_text(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Writes bytes as lower-case hexadecimal, twice their size; returns the end.
inline char* write_hex(std::string_view bytes, char* out) {
  for (const char byte : bytes) {
    std::memcpy(out, kHexPairs.data() + 2 * static_cast<unsigned char>(byte), 2);
    out += 2;
  }
  return out;
}

/// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace rowferry
