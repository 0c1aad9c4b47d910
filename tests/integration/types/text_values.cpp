#include <fmt/format.h>

#include <array>

#include "pq/quote.hpp"
#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {
namespace {

/// Characters that mean something to some text form, and one of each size in UTF-8.
constexpr std::array<std::string_view, 27> kSpecial = {
    "\"", "\\", "{",  "}",    ",",    " ",      "\t",     "\n",         "\r",
    "\v", "\f", "\b", "\x01", "\x1f", "\x7f",   "'",      "/",          "<",
    "(",  ")",  ":",  "ä",    "€",    "\u00a0", "\u2028", "\U0001f600", "\U0010ffff"};

std::string random_hex(Random& random, std::int64_t bytes) {
  std::string digits;
  for (std::int64_t count = 0; count < bytes; ++count) {
    digits += fmt::format("{:02x}", random.between(0, 255));
  }
  return digits;
}

}  // namespace

std::vector<std::string> text_extremes() {
  std::vector<std::string> all = {"",      " ",     "a ",   " a",   "NULL", "null",  "nUlL",
                                  "NULLx", "{}",    "{a}",  "a,b",  "\"",   "\\",    "\\\\",
                                  "\\x",   "\"a\"", "true", "[1]=", "\n\n", "a\r\n", "12345678901"};
  for (const std::string_view each : kSpecial) {
    all.emplace_back(each);
    all.push_back(fmt::format("1234567{}8", each));
  }
  return all;
}

std::string random_text(Random& random, std::int64_t characters_max) {
  const std::int64_t characters = random.between(0, characters_max);
  std::string text;
  for (std::int64_t count = 0; count < characters; ++count) {
    if (random.one_in(4)) {
      text += random.pick(kSpecial);
    } else {
      text += static_cast<char>(random.between('!', '~'));
    }
  }
  return text;
}

TypeCase text_case(std::string name, std::string type, std::int64_t characters_max) {
  TypeCase made{
      .name = std::move(name), .type = std::move(type), .extremes = literals(text_extremes())};
  made.make = [characters_max](Random& random) {
    const bool is_short = !random.one_in(20) && characters_max > 16;
    return pq::quote_literal(random_text(random, is_short ? 16 : characters_max));
  };
  return made;
}

TypeCase bytes_case() {
  TypeCase made{.name = "bytea", .type = "bytea", .extremes = literals({"\\x", "\\x00", "\\xff"})};
  std::string every = "'\\x";
  for (int byte = 0; byte < 256; ++byte) {
    every += fmt::format("{:02x}", byte);
  }
  made.extremes.push_back(every + "'");
  made.make = [](Random& random) {
    const std::int64_t bytes_max = random.one_in(20) ? 1000 : 20;
    return fmt::format("'\\x{}'", random_hex(random, random.between(0, bytes_max)));
  };
  return made;
}

TypeCase uuid_case() {
  TypeCase made{.name = "uuid", .type = "uuid", .extremes = {}};
  made.extremes = {fmt::format("'{}'", std::string(32, '0')),
                   fmt::format("'{}'", std::string(32, 'f'))};
  made.make = [](Random& random) { return fmt::format("'{}'", random_hex(random, 16)); };
  return made;
}

}  // namespace rowferry::test
