#include "base/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/big_endian.hpp"
#include "base/digits.hpp"

namespace rowferry {
namespace {

/// How a character below 0x60 is written; `size` 0: as it is.
struct Escape {
  std::array<char, 7> text{};
  char size = 0;
};

constexpr std::array<Escape, 0x60> kEscapes = [] {
  std::array<Escape, 0x60> escapes{};
  for (std::size_t code = 0; code < 0x20; ++code) {
    escapes[code] = {{'\\', 'u', '0', '0', kHexPairs[2 * code], kHexPairs[2 * code + 1]}, 6};
  }
  escapes['\b'] = {{'\\', 'b'}, 2};
  escapes['\f'] = {{'\\', 'f'}, 2};
  escapes['\n'] = {{'\\', 'n'}, 2};
  escapes['\r'] = {{'\\', 'r'}, 2};
  escapes['\t'] = {{'\\', 't'}, 2};
  escapes['"'] = {{'\\', '"'}, 2};
  escapes['\\'] = {{'\\', '\\'}, 2};
  return escapes;
}();

constexpr std::size_t kEscapedBytesMax = 6;
constexpr std::size_t kChunkBytes = 1024;
constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

constexpr std::uint64_t repeated(std::uint64_t byte) { return byte * 0x0101010101010101u; }

/// The high bit of each byte that must be escaped: a control character, `"` or `\`. Exact up to the
/// lowest one (a borrow may mark the bytes above it). After "Bit Twiddling Hacks" by Sean Anderson.
constexpr std::uint64_t escape_mask(std::uint64_t word) {
  const std::uint64_t quotes = word ^ repeated('"');
  const std::uint64_t backslashes = word ^ repeated('\\');
  const std::uint64_t found = ((word - repeated(0x20)) & ~word) |
                              ((quotes - repeated(1)) & ~quotes) |
                              ((backslashes - repeated(1)) & ~backslashes);
  return found & repeated(0x80);
}

/// Eight bytes with the first in the lowest place, whatever the machine.
std::uint64_t load_word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    word = __builtin_bswap64(word);
  }
  return word;
}

char* write_character(char character, char* out) {
  const auto code = static_cast<unsigned char>(character);
  if (code < kEscapes.size() && kEscapes[code].size != 0) {
    std::memcpy(out, kEscapes[code].text.data(), kEscapedBytesMax);
    return out + kEscapes[code].size;
  }
  *out = character;
  return out + 1;
}

/// Writes one chunk. Every step copies a whole word and counts what needs no escape, so the room
/// behind the last character must be a word.
char* write_escaped(std::string_view text, char* out) {
  const char* in = text.data();
  const char* end = in + text.size();
  while (static_cast<std::size_t>(end - in) >= kWordBytes) {
    std::memcpy(out, in, kWordBytes);
    const std::uint64_t mask = escape_mask(load_word(in));
    if (mask == 0) {
      in += kWordBytes;
      out += kWordBytes;
      continue;
    }
    const int clean = std::countr_zero(mask) / 8;
    in += clean;
    out = write_character(*in++, out + clean);
  }
  while (in != end) {
    out = write_character(*in++, out);
  }
  return out;
}

}  // namespace

void append_json_escaped(std::string_view text, Buffer& out) {
  while (!text.empty()) {
    const std::string_view chunk = text.substr(0, std::min(text.size(), kChunkBytes));
    char* room = out.prepare(chunk.size() * kEscapedBytesMax + kWordBytes);
    out.commit_to(write_escaped(chunk, room));
    text.remove_prefix(chunk.size());
  }
}

void append_json_string(std::string_view text, Buffer& out) {
  out.append('"');
  append_json_escaped(text, out);
  out.append('"');
}

}  // namespace rowferry
