#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry::config {

/// The names that a job may give to what it writes: text, with places that vary. Two jobs of which
/// one name can be made by both write the same target.
class NamePattern {
 public:
  NamePattern() = default;
  /// The one name that reads so.
  explicit NamePattern(std::string_view text) { literal(text); }

  /// Goes on with this text.
  NamePattern& literal(std::string_view text);
  /// Goes on with that many digits.
  NamePattern& digits(std::size_t count);
  /// Goes on with that many digits or more: a number padded to a width.
  NamePattern& number(std::size_t width_min);
  /// Goes on with one or more characters other than `/`.
  NamePattern& any_within_folder();
  /// Goes on as another pattern does.
  NamePattern& append(const NamePattern& other);

  /// Whether some name is one of both patterns.
  [[nodiscard]] bool meets(const NamePattern& other) const;

 private:
  /// What one character of a name can be; or any number of such characters, also none.
  struct Atom {
    enum class Kind : std::uint8_t { character, digit, within_folder };
    Kind kind = Kind::character;
    char character = 0;
    bool repeats = false;
  };

  class Search;

  [[nodiscard]] static bool share_a_character(const Atom& left, const Atom& right);

  std::vector<Atom> atoms_;
};

}  // namespace rowferry::config
