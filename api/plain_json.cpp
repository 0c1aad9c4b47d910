#include "api/plain_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/utf8.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

void append(const json::value& value, std::string& out);

void append_number(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  // The longest: a sign, 309 digits, or as many zeros behind the point and 17 digits.
  std::array<char, 400> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  out.append(text.data(), end.ptr);
}

// The size of the character at the begin of a text; 0: it is none.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= 4; ++size) {
    if (is_utf8(text.substr(0, size))) {
      return size;
    }
  }
  return 0;
}

std::string mended(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    result += size == 0 ? "\xEF\xBF\xBD" : text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

void append_string(std::string_view text, std::string& out) {
  if (is_utf8(text)) {
    out += json::serialize(json::string_view(text));
  } else {
    out += json::serialize(json::string_view(mended(text)));
  }
}

void append_array(const json::array& array, std::string& out) {
  out += '[';
  for (const json::value& value : array) {
    if (&value != array.data()) {
      out += ',';
    }
    append(value, out);
  }
  out += ']';
}

void append_object(const json::object& object, std::string& out) {
  out += '{';
  bool is_first = true;
  for (const auto& [key, value] : object) {
    if (!is_first) {
      out += ',';
    }
    is_first = false;
    append_string(key, out);
    out += ':';
    append(value, out);
  }
  out += '}';
}

void append(const json::value& value, std::string& out) {
  switch (value.kind()) {
    case json::kind::double_:
      return append_number(value.get_double(), out);
    case json::kind::string:
      return append_string(value.get_string(), out);
    case json::kind::array:
      return append_array(value.get_array(), out);
    case json::kind::object:
      return append_object(value.get_object(), out);
    default:
      out += json::serialize(value);
  }
}

}  // namespace

std::string plain_json(const json::value& value) {
  std::string text;
  append(value, text);
  return text;
}

}  // namespace rowferry::api
