#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry::test {

/// A source of random numbers that gives the same ones for the same seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// A number in [least, greatest].
  std::int64_t between(std::int64_t least, std::int64_t greatest);
  bool one_in(std::int64_t count) { return between(1, count) == 1; }

  template <class Container>
  const auto& pick(const Container& values) {
    const auto last = static_cast<std::int64_t>(values.size()) - 1;
    return values[static_cast<std::size_t>(between(0, last))];
  }

 private:
  std::mt19937_64 engine_;
};

/// One type, and its values as SQL expressions.
struct TypeCase {
  std::string name;  ///< in a test's name
  std::string type;  ///< as SQL
  std::vector<std::string> extremes;
  std::vector<std::string> huge = {};  ///< more extremes, too large to be many times in an array
  std::function<std::string(Random&)> make = {};
  /// Statements that define the type, none for a built-in one.
  std::string definition = {};
  std::string base = {};  ///< of a domain: the type that it is over at last, as SQL
  bool is_closed = true;
};

/// How GoogleTest shows a parameter.
inline void PrintTo(const TypeCase& shown, std::ostream* out) { *out << shown.type; }

/// NULL, all extremes, then `count` random values.
[[nodiscard]] std::vector<std::string> make_values(const TypeCase& of, Random& random,
                                                   std::size_t count);

/// Texts as SQL literals.
[[nodiscard]] std::vector<std::string> literals(const std::vector<std::string>& texts);

/// A random integer of that many bits, of any magnitude.
[[nodiscard]] std::int64_t random_integer(Random& random, int bits);

// Values of the closed types, by the kind of their text. `text_extremes` are texts of at most 12
// characters.
[[nodiscard]] TypeCase boolean_case();
[[nodiscard]] TypeCase integer_case(std::string name, int bits);
[[nodiscard]] TypeCase real_case();
[[nodiscard]] TypeCase double_case();
[[nodiscard]] TypeCase numeric_case();
[[nodiscard]] TypeCase numeric_case(int precision, int scale);
[[nodiscard]] std::vector<std::string> text_extremes();
[[nodiscard]] std::string random_text(Random& random, std::int64_t characters_max);
[[nodiscard]] TypeCase text_case(std::string name, std::string type, std::int64_t characters_max);
[[nodiscard]] TypeCase bytes_case();
[[nodiscard]] TypeCase uuid_case();
[[nodiscard]] TypeCase json_case();
[[nodiscard]] TypeCase jsonb_case();
[[nodiscard]] TypeCase date_case();
[[nodiscard]] TypeCase time_case();
[[nodiscard]] TypeCase timestamp_case(std::string type);
[[nodiscard]] TypeCase interval_case();

}  // namespace rowferry::test
