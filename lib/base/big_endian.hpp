#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace rowferry {

/// Swaps the bytes of an integer between network order and the machine's.
template <std::integral Integer>
[[nodiscard]] constexpr Integer to_or_from_big_endian(Integer value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(Integer) == 1) {
    return value;
  } else if constexpr (sizeof(Integer) == 2) {
    return static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(Integer) == 4) {
    return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else {
    return static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
}

/// The integer in network byte order at `bytes`, which need not be aligned.
template <std::integral Integer>
[[nodiscard]] Integer load_big_endian(const char* bytes) {
  Integer value;
  std::memcpy(&value, bytes, sizeof value);
  return to_or_from_big_endian(value);
}

/// Writes an integer in network byte order at `bytes` and returns the byte after it.
template <std::integral Integer>
char* store_big_endian(Integer value, char* bytes) {
  const Integer swapped = to_or_from_big_endian(value);
  std::memcpy(bytes, &swapped, sizeof swapped);
  return bytes + sizeof swapped;
}

}  // namespace rowferry
