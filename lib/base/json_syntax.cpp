#include "base/json_syntax.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/digits.hpp"

namespace rowferry {
namespace {

/// Reads one value without recursion: `open_` holds the closing bracket of each open container.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  JsonSyntax read() {
    do {
      if (!begin_value()) return JsonSyntax::none;
    } while (end_values());
    skip_blanks();
    if (failed_ || !rest_.empty()) return JsonSyntax::none;
    return loose_ ? JsonSyntax::loose : JsonSyntax::strict;
  }

 private:
  /// Reads up to and including the next scalar or empty container.
  bool begin_value() {
    for (;;) {
      skip_blanks();
      const bool is_object = eat('{');
      if (!is_object && !eat('[')) return scalar();
      const char close = is_object ? '}' : ']';
      skip_blanks();
      if (eat(close)) return true;
      open_.push_back(close);
      if (is_object && !name()) return false;
    }
  }

  /// Closes the containers that end here; true: another value follows.
  bool end_values() {
    while (!open_.empty()) {
      skip_blanks();
      if (eat(',')) {
        failed_ = open_.back() == '}' && !name();
        return !failed_;
      }
      if (!eat(open_.back())) {
        failed_ = true;
        return false;
      }
      open_.pop_back();
    }
    return false;
  }

  bool name() {
    skip_blanks();
    if (!eat('"') || !string()) return false;
    skip_blanks();
    return eat(':');
  }

  bool scalar() {
    if (eat('"')) return string();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return true;
      }
    }
    return number();
  }

  bool number() {
    eat('-');
    if (!eat('0') && !digits()) return false;
    if (eat('.') && !digits()) return false;
    if (eat('e') || eat('E')) {
      static_cast<void>(eat('+') || eat('-'));
      return digits();
    }
    return true;
  }

  bool digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count > 0;
  }

  /// The rest of a string, after its opening quote.
  bool string() {
    while (!rest_.empty()) {
      const char character = rest_.front();
      rest_.remove_prefix(1);
      if (character == '"') return true;
      if (static_cast<unsigned char>(character) < 0x20) return false;
      if (character == '\\' && !escape()) return false;
    }
    return false;
  }

  /// The rest of an escape, after its backslash.
  bool escape() {
    if (eat('u')) return unicode_escape();
    const bool known =
        !rest_.empty() && std::string_view("\"\\/bfnrt").find(rest_.front()) != rest_.npos;
    rest_.remove_prefix(known ? 1 : 0);
    return known;
  }

  bool unicode_escape() {
    const int code = hex_four();
    if (code < 0) return false;
    const bool is_high = code >= 0xD800 && code <= 0xDBFF;
    if (is_high && rest_.starts_with("\\u")) {
      const std::string_view second = rest_;
      rest_.remove_prefix(2);
      const int low = hex_four();
      if (low >= 0xDC00 && low <= 0xDFFF) return true;
      rest_ = second;
    }
    loose_ = loose_ || code == 0 || (code >= 0xD800 && code <= 0xDFFF);
    return true;
  }

  int hex_four() {
    if (rest_.size() < 4) return -1;
    int code = 0;
    for (const char digit : rest_.substr(0, 4)) {
      const int value = hex_digit_value(digit);
      if (value < 0) return -1;
      code = code * 16 + value;
    }
    rest_.remove_prefix(4);
    return code;
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
  }

  bool eat(char character) {
    if (!rest_.starts_with(character)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
  std::string open_;
  bool loose_ = false;
  bool failed_ = false;
};

}  // namespace

JsonSyntax json_syntax(std::string_view text) { return Reader(text).read(); }

}  // namespace rowferry
