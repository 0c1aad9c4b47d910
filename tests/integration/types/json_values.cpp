#include <fmt/format.h>

#include <array>

#include "base/buffer.hpp"
#include "base/json_text.hpp"
#include "pq/quote.hpp"
#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {
namespace {

constexpr std::array<std::string_view, 6> kBlanks = {"", "", " ", "\n", "\r\n\t", "  "};
constexpr std::array<std::string_view, 12> kScalars = {"null",
                                                       "true",
                                                       "false",
                                                       "0",
                                                       "-0",
                                                       "1.50",
                                                       "-1e-7",
                                                       "12345678901234567890.10",
                                                       "1E+20",
                                                       "\"\"",
                                                       R"("\u00e9\ud83d\ude00\/\b")",
                                                       R"("a\nb")"};

std::string random_json(Random& random, int depth);

std::string random_string(Random& random) {
  Buffer quoted;
  append_json_string(random_text(random, 8), quoted);
  return std::string(quoted.view());
}

std::string random_members(Random& random, int depth, bool has_names) {
  std::string members;
  const std::int64_t count = random.between(0, 3);
  for (std::int64_t index = 0; index < count; ++index) {
    members += index > 0 ? "," : "";
    if (has_names) {
      members +=
          fmt::format("{}{}{}:", random.pick(kBlanks), random_string(random), random.pick(kBlanks));
    }
    members += random_json(random, depth - 1);
  }
  return members;
}

std::string random_json(Random& random, int depth) {
  std::string value;
  switch (depth > 0 ? random.between(0, 3) : random.between(2, 3)) {
    case 0:
      value = fmt::format("{{{}{}}}", random_members(random, depth, true), random.pick(kBlanks));
      break;
    case 1:
      value = fmt::format("[{}{}]", random_members(random, depth, false), random.pick(kBlanks));
      break;
    case 2:
      value = random_string(random);
      break;
    default:
      value = random.pick(kScalars);
  }
  return fmt::format("{}{}{}", random.pick(kBlanks), value, random.pick(kBlanks));
}

TypeCase any_json_case(std::string name) {
  TypeCase made{.name = name, .type = std::move(name), .extremes = {}};
  for (const std::string_view each : kScalars) {
    made.extremes.push_back(pq::quote_literal(each));
  }
  const std::vector<std::string> further =
      literals({"{}", "[]", "[[[[]]]]", " { } ", "\n[\n1,\r\n2]\n", R"({"a":1,"a":2})",
                R"({"":""})", R"({"bb":1,"a":2})", "[null]", "1e400", "-1.5e-400", R"("null")"});
  made.extremes.insert(made.extremes.end(), further.begin(), further.end());
  made.make = [](Random& random) { return pq::quote_literal(random_json(random, 3)); };
  return made;
}

}  // namespace

TypeCase json_case() {
  TypeCase made = any_json_case("json");
  made.extremes.push_back(pq::quote_literal(R"("\u0000 \ud800")"));
  return made;
}

TypeCase jsonb_case() { return any_json_case("jsonb"); }

}  // namespace rowferry::test
