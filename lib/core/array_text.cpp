#include "core/array_text.hpp"

#include <algorithm>
#include <cstdint>

#include "base/digits.hpp"
#include "core/array_binary.hpp"

namespace rowferry {
namespace {

/// How the parts of an array are written.
struct Style {
  char open;
  char close;
  std::string_view null;
  bool quotes;
  AppendElement append_element;
};

bool is_null_word(std::string_view text) {
  return text.size() == 4 && (text[0] | 0x20) == 'n' && (text[1] | 0x20) == 'u' &&
         (text[2] | 0x20) == 'l' && (text[3] | 0x20) == 'l';
}

bool is_escaped(char character) { return character == '"' || character == '\\'; }

bool is_special(char character) {
  return is_escaped(character) || character == '{' || character == '}' || character == ',' ||
         character == ' ' || (character >= '\t' && character <= '\r');
}

/// Quotes what stands in the buffer from `start` on, where array_out would.
void quote_element(std::size_t start, Buffer& out) {
  const std::string_view text = out.view(start, out.size() - start);
  if (!text.empty() && !is_null_word(text) && !std::ranges::any_of(text, is_special)) {
    return;
  }
  const std::size_t size = text.size();
  const auto added = static_cast<std::size_t>(std::ranges::count_if(text, is_escaped)) + 2;
  static_cast<void>(out.prepare(added));
  // From the back, so that nothing is overwritten before it is moved.
  char* element = out.data() + start;
  char* target = element + size + added;
  *--target = '"';
  for (std::size_t index = size; index-- > 0;) {
    const char character = element[index];
    *--target = character;
    if (is_escaped(character)) {
      *--target = '\\';
    }
  }
  *--target = '"';
  out.commit(added);
}

void append_element(const ArrayReader& reader, std::string_view binary, const Style& style,
                    Buffer& out) {
  const std::size_t start = out.size();
  style.append_element(reader.element_type(), binary, out);
  if (style.quotes) {
    quote_element(start, out);
  }
}

void append_level(ArrayReader& reader, std::size_t depth, const Style& style, Buffer& out) {
  const auto dimensions = reader.dimensions();
  out.append(style.open);
  for (std::int32_t index = 0; index < dimensions[depth].size; ++index) {
    if (index > 0) {
      out.append(',');
    }
    if (depth + 1 < dimensions.size()) {
      append_level(reader, depth + 1, style, out);
    } else if (const auto element = reader.next(); element) {
      append_element(reader, *element, style, out);
    } else {
      out.append(style.null);
    }
  }
  out.append(style.close);
}

void append_array(ArrayReader& reader, const Style& style, Buffer& out) {
  if (reader.dimensions().empty()) {
    out.append(style.open);
    out.append(style.close);
  } else {
    append_level(reader, 0, style, out);
  }
  reader.finish();
}

void append_bounds(const ArrayReader& reader, Buffer& out) {
  const auto dimensions = reader.dimensions();
  if (std::ranges::all_of(dimensions, [](const auto& each) { return each.lower_bound == 1; })) {
    return;
  }
  for (const ArrayDimension& dimension : dimensions) {
    char* text = out.prepare(2 * kIntegerTextMax + 3);
    *text++ = '[';
    text = write_integer(dimension.lower_bound, text);
    *text++ = ':';
    text = write_integer(std::int64_t{dimension.lower_bound} + dimension.size - 1, text);
    *text++ = ']';
    out.commit_to(text);
  }
  out.append('=');
}

}  // namespace

void append_array_text(const Type& type, std::string_view binary, AppendElement append_element,
                       Buffer& out) {
  ArrayReader reader(type, binary);
  append_bounds(reader, out);
  append_array(reader, {'{', '}', "NULL", true, append_element}, out);
}

void append_array_json(const Type& type, std::string_view binary, AppendElement append_element,
                       Buffer& out) {
  ArrayReader reader(type, binary);
  append_array(reader, {'[', ']', "null", false, append_element}, out);
}

}  // namespace rowferry
