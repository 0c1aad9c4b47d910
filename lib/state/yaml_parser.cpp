// The reading half of yaml_text.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "base/error.hpp"
#include "state/yaml_text.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr std::size_t kIndent = 2;
constexpr std::size_t kDepthMax = 16;

[[noreturn]] void refuse(std::string_view what, std::string_view at) {
  throw Error(Failure::internal, fmt::format("this is not how rowferry writes YAML: {} at '{}'",
                                             what, at.substr(0, 40)));
}

json::string to_text(std::string_view text) { return json::string(text.data(), text.size()); }

void append_utf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
  }
  out += static_cast<char>(0x80 | (code & 0x3f));
}

std::uint32_t base64_digit(char digit) {
  if (digit >= 'A' && digit <= 'Z') {
    return static_cast<std::uint32_t>(digit - 'A');
  }
  if (digit >= 'a' && digit <= 'z') {
    return static_cast<std::uint32_t>(digit - 'a') + 26;
  }
  if (digit >= '0' && digit <= '9') {
    return static_cast<std::uint32_t>(digit - '0') + 52;
  }
  return digit == '+' ? 62 : 63;
}

std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  std::size_t count = 0;
  for (const char digit : text.substr(0, text.find('='))) {
    bits = (bits << 6) | base64_digit(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return bytes;
}

/// Reads values that stand on one line, from the front of a text.
class FlowParser {
 public:
  explicit FlowParser(std::string_view text) : rest_(text) {}

  json::value value() {
    if (rest_.starts_with('{')) {
      return map();
    }
    if (rest_.starts_with('[')) {
      return list();
    }
    if (rest_.starts_with('\'')) {
      return to_text(single_quoted());
    }
    if (rest_.starts_with('"')) {
      return to_text(double_quoted());
    }
    if (take("!!binary ")) {
      return to_text(decode_base64(double_quoted()));
    }
    return plain();
  }

  json::object map() {
    json::object map;
    const Level level(*this);
    expect("{");
    while (!take("}")) {
      expect_separator(map.empty());
      const std::string_view key = rest_.substr(0, rest_.find(':'));
      rest_.remove_prefix(key.size());
      expect(": ");
      map.emplace(json::string_view(key.data(), key.size()), value());
    }
    return map;
  }

  void expect_end() const {
    if (!rest_.empty()) {
      refuse("more than a value", rest_);
    }
  }

 private:
  /// Counts how deep maps and lists stand in one another.
  struct Level {
    explicit Level(FlowParser& counted) : parser(counted) {
      if (++parser.depth_ > kDepthMax) {
        refuse("too deep", parser.rest_);
      }
    }
    ~Level() { --parser.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    FlowParser& parser;
  };

  bool take(std::string_view text) {
    const bool found = rest_.starts_with(text);
    rest_.remove_prefix(found ? text.size() : 0);
    return found;
  }

  void expect(std::string_view text) {
    if (!take(text)) {
      refuse(fmt::format("'{}' is missing", text), rest_);
    }
  }

  void expect_separator(bool is_first) {
    if (!is_first) {
      expect(", ");
    }
  }

  json::array list() {
    json::array list;
    const Level level(*this);
    expect("[");
    while (!take("]")) {
      expect_separator(list.empty());
      list.push_back(value());
    }
    return list;
  }

  std::string single_quoted() {
    std::string text;
    expect("'");
    while (true) {
      const std::size_t end = rest_.find('\'');
      if (end == std::string_view::npos) {
        refuse("a text without end", rest_);
      }
      text += rest_.substr(0, end);
      rest_.remove_prefix(end + 1);
      if (!take("'")) {
        return text;
      }
      text += '\'';
    }
  }

  std::string double_quoted() {
    std::string text;
    expect("\"");
    while (true) {
      const std::size_t end = rest_.find_first_of("\"\\");
      if (end == std::string_view::npos) {
        refuse("a text without end", rest_);
      }
      text += rest_.substr(0, end);
      rest_.remove_prefix(end);
      if (take("\"")) {
        return text;
      }
      escape(text);
    }
  }

  void escape(std::string& text) {
    if (take("\\n")) {
      text += '\n';
    } else if (take("\\\"")) {
      text += '"';
    } else if (take("\\\\")) {
      text += '\\';
    } else if (take("\\x")) {
      append_utf8(digits(2), text);
    } else {
      expect("\\u");
      append_utf8(digits(4), text);
    }
  }

  std::uint32_t digits(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    std::uint32_t code = 0;
    const auto end = std::from_chars(taken.data(), taken.data() + taken.size(), code, 16).ptr;
    if (taken.size() != count || end != taken.data() + count) {
      refuse("no character", rest_);
    }
    rest_.remove_prefix(count);
    return code;
  }

  json::value plain() {
    const std::string_view word = rest_.substr(0, rest_.find_first_of(",]} "));
    rest_.remove_prefix(word.size());
    if (word == "true" || word == "false") {
      return word == "true";
    }
    if (word == "null") {
      return nullptr;
    }
    std::int64_t number = 0;
    const auto end = std::from_chars(word.data(), word.data() + word.size(), number);
    if (word.empty() || end.ec != std::errc() || end.ptr != word.data() + word.size()) {
      refuse("no value", word);
    }
    return number;
  }

  std::string_view rest_;
  std::size_t depth_ = 0;
};

json::value parse_flow(std::string_view text) {
  FlowParser parser(text);
  json::value value = parser.value();
  parser.expect_end();
  return value;
}

/// Reads maps and lists whose parts stand on lines of their own.
class BlockParser {
 public:
  explicit BlockParser(std::string_view text) : rest_(text) {}

  json::object map(std::size_t indent) {
    if (indent > kDepthMax * kIndent) {
      refuse("too deep", line());
    }
    json::object map;
    while (indent_of_line() == indent && !rest_.empty()) {
      const std::string_view text = line().substr(indent);
      const std::string_view key = text.substr(0, text.find(':'));
      if (key.size() == text.size()) {
        refuse("no key", text);
      }
      map.emplace(json::string_view(key.data(), key.size()),
                  value(text.substr(key.size() + 1), indent));
    }
    return map;
  }

  void expect_end() {
    skip_comments();
    if (!rest_.empty()) {
      refuse("a line that belongs to nothing", line());
    }
  }

 private:
  json::value value(std::string_view after_key, std::size_t indent) {
    next_line();
    if (!after_key.empty()) {
      return parse_flow(after_key.substr(1));
    }
    const std::size_t inner = indent + kIndent;
    return line().substr(std::min(inner, line().size())).starts_with("- ")
               ? list(inner)
               : json::value(map(inner));
  }

  json::value list(std::size_t indent) {
    json::array list;
    while (!rest_.empty() && indent_of_line() == indent && line().substr(indent, 2) == "- ") {
      const std::string_view item = line().substr(indent + kIndent);
      if (is_entry(item)) {
        dash_read_ = true;
        list.push_back(map(indent + kIndent));
      } else {
        next_line();
        list.push_back(parse_flow(item));
      }
    }
    return list;
  }

  /// Whether an item of a list is the first line of a map.
  static bool is_entry(std::string_view item) {
    const std::size_t word = item.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    return word != 0 && word != std::string_view::npos && item[word] == ':';
  }

  void skip_comments() {
    while (rest_.starts_with('#')) {
      next_line();
    }
  }

  std::size_t indent_of_line() {
    skip_comments();
    const std::size_t spaces = std::min(line().find_first_not_of(' '), line().size());
    // The dash of an item stands where its first line is indented.
    return spaces + (dash_read_ ? kIndent : 0);
  }

  [[nodiscard]] std::string_view line() const { return rest_.substr(0, rest_.find('\n')); }

  void next_line() {
    dash_read_ = false;
    rest_.remove_prefix(std::min(rest_.size(), line().size() + 1));
  }

  std::string_view rest_;
  bool dash_read_ = false;
};

}  // namespace

json::object parse_yaml(std::string_view text) {
  BlockParser parser(text);
  json::object map = parser.map(0);
  parser.expect_end();
  return map;
}

json::object parse_yaml_line(std::string_view line) {
  FlowParser parser(line);
  json::object map = parser.map();
  parser.expect_end();
  return map;
}

}  // namespace rowferry
