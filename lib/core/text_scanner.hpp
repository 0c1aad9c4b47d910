#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rowferry {

/// Whether a character is one of those that PostgreSQL skips around values: blank, tab, line ends.
[[nodiscard]] constexpr bool is_blank(char character) {
  return character == ' ' || (character >= '\t' && character <= '\r');
}

/// Whether a character is one of 0 to 9, whatever the locale.
[[nodiscard]] constexpr bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

/// A text without the blanks around it.
[[nodiscard]] constexpr std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether a text is an ASCII word in any case; `word` is in small letters.
[[nodiscard]] constexpr bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {}, [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each + ('a' - 'A')) : each;
  });
}

/// Reads a text from front to back.
class TextScanner {
 public:
  explicit constexpr TextScanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] constexpr std::string_view rest() const { return rest_; }
  [[nodiscard]] constexpr bool at_end() const { return rest_.empty(); }
  [[nodiscard]] constexpr bool at_digit() const { return !at_end() && is_digit(rest_.front()); }

  /// The next character, NUL at the end; stays where it is.
  [[nodiscard]] constexpr char peek() const { return at_end() ? '\0' : rest_.front(); }

  /// Passes a character or word if it comes next.
  constexpr bool eat(char character) {
    if (!rest_.starts_with(character)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  constexpr bool eat(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  constexpr void skip_blanks() {
    while (!at_end() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  /// Passes all digits that come next.
  constexpr std::string_view eat_digits() {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    const std::string_view digits = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return digits;
  }

  /// The number of all digits that come next; nothing when there are fewer or more of them.
  constexpr std::optional<std::int64_t> eat_number(std::size_t digits_min, std::size_t digits_max) {
    const std::string_view digits = eat_digits();
    if (digits.size() < digits_min || digits.size() > digits_max) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : digits) number = number * 10 + (digit - '0');
    return number;
  }

 private:
  std::string_view rest_;
};

}  // namespace rowferry
