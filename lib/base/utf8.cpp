#include "base/utf8.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace rowferry {
namespace {

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u;
}

/// The bytes of the character at `at`, which is not ASCII; 0: it is none. The bounds of the second
/// byte are those of the table in RFC 3629 section 4.
std::size_t sequence_size(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(at + 1 < text.size() ? text[at + 1] : 0);
  if (lead >= 0xC2 && lead <= 0xDF) {
    return continues(text, at + 1) ? 2 : 0;
  }
  if ((lead & 0xF0u) == 0xE0u) {
    const bool in_bounds = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F);
    return in_bounds && continues(text, at + 1) && continues(text, at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool in_bounds = !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
    const bool whole =
        continues(text, at + 1) && continues(text, at + 2) && continues(text, at + 3);
    return in_bounds && whole ? 4 : 0;
  }
  return 0;
}

constexpr std::uint64_t kHighBits = 0x8080808080808080u;

template <std::size_t kWords>
bool is_ascii_block(const char* bytes) {
  std::array<std::uint64_t, kWords> words;
  std::memcpy(words.data(), bytes, sizeof words);
  std::uint64_t all = 0;
  for (const std::uint64_t word : words) {
    all |= word;
  }
  return (all & kHighBits) == 0;
}

/// How many of the next bytes are certainly ASCII: most text is, so large steps come first.
std::size_t ascii_bytes(std::string_view text, std::size_t at) {
  const std::size_t left = text.size() - at;
  if (left >= 64 && is_ascii_block<8>(text.data() + at)) {
    return 64;
  }
  return left >= 8 && is_ascii_block<1>(text.data() + at) ? 8 : 0;
}

}  // namespace

std::optional<std::size_t> count_utf8(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t plain = ascii_bytes(text, at); plain != 0) {
      at += plain;
      characters += plain;
      continue;
    }
    const bool is_ascii = static_cast<unsigned char>(text[at]) < 0x80;
    const std::size_t size = is_ascii ? 1 : sequence_size(text, at);
    if (size == 0) {
      return std::nullopt;
    }
    at += size;
    ++characters;
  }
  return characters;
}

}  // namespace rowferry
