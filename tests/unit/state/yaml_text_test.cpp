#include "state/yaml_text.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <string>

#include "base/error.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

std::string block(const json::object& map) {
  std::string text;
  append_yaml(map, text);
  return text;
}

TEST(YamlText, IsWhatAPersonWouldWrite) {
  const json::object map{
      {"job", "movies"},
      {"paused", false},
      {"units", json::array{"", "films"}},
      {"totals", json::object{{"rows_read", 3}, {"rows_written", -2}}},
      {"runs", json::array{json::object{{"id", 1}, {"state", "failed"}}, json::object{{"id", 2}}}},
      {"none", json::array{}},
      {"nothing", json::object{}},
      {"unknown", nullptr}};
  EXPECT_EQ(block(map),
            "job: 'movies'\n"
            "paused: false\n"
            "units:\n"
            "  - ''\n"
            "  - 'films'\n"
            "totals:\n"
            "  rows_read: 3\n"
            "  rows_written: -2\n"
            "runs:\n"
            "  - id: 1\n"
            "    state: 'failed'\n"
            "  - id: 2\n"
            "none: []\n"
            "nothing: {}\n"
            "unknown: null\n");
  EXPECT_EQ(parse_yaml(block(map)), map);
  EXPECT_EQ(yaml_line(map),
            "{job: 'movies', paused: false, units: ['', 'films'], totals: {rows_read: 3, "
            "rows_written: -2}, runs: [{id: 1, state: 'failed'}, {id: 2}], none: [], nothing: {}, "
            "unknown: null}");
  EXPECT_EQ(parse_yaml_line(yaml_line(map)), map);
}

TEST(YamlText, QuotesWhatDoesNotPrint) {
  const json::object map{{"a", "it's: {\"x\": [1]} # no comment"},
                         {"b", "two\nlines\tand \\ \"quotes\""},
                         {"c", std::string("nul \0, \x7f, \xc2\x85, \xe2\x80\xa8", 17)},
                         {"d", "\xff\xfe bytes"},
                         {"e", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2"}};
  EXPECT_EQ(block(map),
            "a: 'it''s: {\"x\": [1]} # no comment'\n"
            "b: \"two\\nlines\\x09and \\\\ \\\"quotes\\\"\"\n"
            "c: \"nul \\x00, \\x7f, \\x85, \\u2028\"\n"
            "d: !!binary \"//4gYnl0ZXM=\"\n"
            "e: '\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2'\n");
  EXPECT_EQ(parse_yaml(block(map)), map);
}

TEST(YamlText, KeepsTheLargestNumbers) {
  const json::object map{{"least", INT64_MIN}, {"greatest", INT64_MAX}};
  EXPECT_EQ(parse_yaml(block(map)), map);
}

TEST(YamlText, SkipsComments) {
  EXPECT_EQ(parse_yaml("# one\na: 1\n# two\nb:\n  - 2\n# three\n"),
            (json::object{{"a", 1}, {"b", json::array{2}}}));
}

// Any bytes and any shape come back.
class RandomValues {
 public:
  explicit RandomValues(unsigned seed) : random_(seed) {}

  json::object map(int depth) {
    json::object map;
    const std::size_t count = random_() % 5;
    for (std::size_t index = 0; index < count; ++index) {
      map["key_" + std::to_string(random_() % 100)] = value(depth);
    }
    return map;
  }

 private:
  json::value value(int depth) {
    const std::size_t kind = random_() % (depth > 0 ? 6 : 4);
    if (kind == 5) {
      return map(depth - 1);
    }
    if (kind == 4) {
      json::array list;
      for (std::size_t left = random_() % 4; left > 0; --left) {
        list.push_back(value(depth - 1));
      }
      return list;
    }
    if (kind == 3) {
      return random_() % 2 == 0;
    }
    return kind == 2 ? json::value(static_cast<std::int64_t>(random_())) : json::value(text());
  }

  std::string text() {
    static constexpr const char* kParts[] = {"a",    "'", "\"", "\\", "\n", "- ",   "key: ", "{",
                                             "}",    "[", "]",  ", ", "#",  "\xff", "\x80",  "ä",
                                             "\x01", "é", "!!", " ",  "0",  "true", "~",     ":"};
    std::string text;
    for (std::size_t left = random_() % 8; left > 0; --left) {
      text += kParts[random_() % std::size(kParts)];
    }
    return text;
  }

  std::mt19937_64 random_;
};

TEST(YamlText, GivesBackWhatItTook) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    RandomValues values(seed);
    const json::object map = values.map(3);
    ASSERT_EQ(parse_yaml(block(map)), map) << "seed " << seed << "\n" << block(map);
    ASSERT_EQ(parse_yaml_line(yaml_line(map)), map) << "seed " << seed << "\n" << yaml_line(map);
  }
}

TEST(YamlText, RefusesWhatItDoesNotWrite) {
  for (const char* text : {"no key", "a: 'x", "a: \"x", "a: \"\\q\"", "a: [1", "a: {b: 1", "a: 1 2",
                           "a: 1.5", "a: x", "  a: 1", "a: 1\n    b: 2", "a:\n  - b: 1\n      c: 2",
                           "a: \"\\x0\"", "a: !!binary x", "a: 99999999999999999999", "a: ''x"}) {
    EXPECT_THROW(std::ignore = parse_yaml(text), Error) << text;
  }
  EXPECT_THROW(std::ignore = parse_yaml_line("{a: 1} b"), Error);
  EXPECT_THROW(std::ignore = parse_yaml("a: " + std::string(10'000, '[')), Error);
}

}  // namespace
}  // namespace rowferry
