#include "state/yaml_text.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>

#include "base/utf8.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr std::size_t kIndent = 2;
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }
std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

/// Takes one character off the front of a text that is UTF-8.
char32_t take_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t character = size == 1 ? first : first & (0xffu >> (size + 1));
  for (std::size_t at = 1; at < size; ++at) {
    character = (character << 6) | (static_cast<unsigned char>(text[at]) & 0x3fu);
  }
  text.remove_prefix(size);
  return character;
}

/// Whether YAML 1.1 and 1.2 both take the character as itself within quotes on one line.
bool is_printed(char32_t character) {
  const bool is_ascii = character >= 0x20 && character < 0x7f;
  const bool is_line_end = character == 0x2028 || character == 0x2029;
  const bool is_mark = character == 0xfeff || character == 0xfffe || character == 0xffff;
  return is_ascii || (character >= 0xa0 && !is_line_end && !is_mark);
}

bool is_all_printed(std::string_view text) {
  while (!text.empty()) {
    if (!is_printed(take_character(text))) {
      return false;
    }
  }
  return true;
}

void append_single_quoted(std::string_view text, std::string& out) {
  out += '\'';
  for (const char byte : text) {
    out += byte;
    if (byte == '\'') {
      out += byte;
    }
  }
  out += '\'';
}

void append_escape(char32_t character, std::string& out) {
  const auto code = static_cast<std::uint32_t>(character);
  if (character == U'\n') {
    out += "\\n";
  } else if (code < 0x100) {
    out += fmt::format("\\x{:02x}", code);
  } else {
    out += fmt::format("\\u{:04x}", code);
  }
}

void append_double_quoted(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t character = take_character(text);
    if (!is_printed(character)) {
      append_escape(character, out);
      continue;
    }
    if (character == U'"' || character == U'\\') {
      out += '\\';
    }
    out += before.substr(0, before.size() - text.size());
  }
  out += '"';
}

void append_binary(std::string_view bytes, std::string& out) {
  out += "!!binary \"";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view three = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      bits = (bits << 8) | (index < three.size() ? static_cast<unsigned char>(three[index]) : 0u);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      out += index <= three.size() ? kBase64[(bits >> (18 - 6 * index)) & 0x3f] : '=';
    }
  }
  out += '"';
}

void append_text(std::string_view text, std::string& out) {
  if (!is_utf8(text)) {
    append_binary(text, out);
  } else if (is_all_printed(text)) {
    append_single_quoted(text, out);
  } else {
    append_double_quoted(text, out);
  }
}

void append_flow(const json::value& value, std::string& out);

void append_flow_map(const json::object& map, std::string& out) {
  out += '{';
  std::string_view before;
  for (const auto& [key, value] : map) {
    out += before;
    out += view(key);
    out += ": ";
    append_flow(value, out);
    before = ", ";
  }
  out += '}';
}

void append_flow_list(const json::array& list, std::string& out) {
  out += '[';
  std::string_view before;
  for (const json::value& value : list) {
    out += before;
    append_flow(value, out);
    before = ", ";
  }
  out += ']';
}

void append_flow(const json::value& value, std::string& out) {
  switch (value.kind()) {
    case json::kind::object:
      append_flow_map(value.get_object(), out);
      break;
    case json::kind::array:
      append_flow_list(value.get_array(), out);
      break;
    case json::kind::string:
      append_text(view(value.get_string()), out);
      break;
    default:
      out += json::serialize(value);
  }
}

void append_block(const json::object& map, std::size_t indent, std::string& out);

void append_items(const json::array& list, std::size_t indent, std::string& out) {
  for (const json::value& item : list) {
    const std::size_t start = out.size();
    if (item.is_object() && !item.get_object().empty()) {
      append_block(item.get_object(), indent + kIndent, out);
      out[start + indent] = '-';
    } else {
      out.append(indent, ' ');
      out += "- ";
      append_flow(item, out);
      out += '\n';
    }
  }
}

void append_block(const json::object& map, std::size_t indent, std::string& out) {
  for (const auto& [key, value] : map) {
    out.append(indent, ' ');
    out += view(key);
    out += ':';
    if (value.is_object() && !value.get_object().empty()) {
      out += '\n';
      append_block(value.get_object(), indent + kIndent, out);
    } else if (value.is_array() && !value.get_array().empty()) {
      out += '\n';
      append_items(value.get_array(), indent + kIndent, out);
    } else {
      out += ' ';
      append_flow(value, out);
      out += '\n';
    }
  }
}

}  // namespace

void append_yaml(const json::object& map, std::string& out) { append_block(map, 0, out); }

std::string yaml_line(const json::object& map) {
  std::string line;
  append_flow_map(map, line);
  return line;
}

}  // namespace rowferry
