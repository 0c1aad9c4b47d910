#include "core/cell_text.hpp"

#include <strings.h>

#include <bit>

#include "base/digits.hpp"
#include "core/array_cell.hpp"
#include "core/fixed_cell.hpp"
#include "core/numeric_text.hpp"
#include "core/time_text.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kUuidBytes = 16;
constexpr std::size_t kIntervalBytes = 16;
constexpr char kJsonbVersion = 1;

template <class Integer>
void append_integer(const Type& type, std::string_view binary, Buffer& out) {
  const auto value = fixed_cell<Integer>(type, binary);
  out.commit_to(write_integer(value, out.prepare(kIntegerTextMax)));
}

void append_uuid(const Type& type, std::string_view binary, Buffer& out) {
  require_form(type, binary.size() == kUuidBytes);
  char* end = out.prepare(2 * kUuidBytes + 4);
  end = write_hex(binary.substr(0, 4), end);
  for (const std::size_t start : {4, 6, 8}) {
    *end++ = '-';
    end = write_hex(binary.substr(start, 2), end);
  }
  *end++ = '-';
  out.commit_to(write_hex(binary.substr(10), end));
}

void append_bytes(std::string_view binary, Buffer& out) {
  char* end = out.prepare(2 * binary.size() + 2);
  end = write_text("\\x", end);
  out.commit_to(write_hex(binary, end));
}

void append_interval(const Type& type, std::string_view binary, Buffer& out) {
  require_form(type, binary.size() == kIntervalBytes);
  append_interval_text(load_big_endian<std::int64_t>(binary.data()),
                       load_big_endian<std::int32_t>(binary.data() + 8),
                       load_big_endian<std::int32_t>(binary.data() + 12), out);
}

void append_scalar(const Type& type, std::string_view binary, Buffer& out) {
  switch (type.element) {
    case ColumnType::boolean:
      out.append(fixed_cell<std::int8_t>(type, binary) != 0 ? "true" : "false");
      break;
    case ColumnType::int16:
      append_integer<std::int16_t>(type, binary, out);
      break;
    case ColumnType::int32:
      append_integer<std::int32_t>(type, binary, out);
      break;
    case ColumnType::int64:
      append_integer<std::int64_t>(type, binary, out);
      break;
    case ColumnType::float32:
      append_float_text(std::bit_cast<float>(fixed_cell<std::int32_t>(type, binary)), out);
      break;
    case ColumnType::float64:
      append_float_text(std::bit_cast<double>(fixed_cell<std::int64_t>(type, binary)), out);
      break;
    case ColumnType::numeric:
      append_numeric_text(binary, out);
      break;
    case ColumnType::text:
    case ColumnType::json:
      out.append(binary);
      break;
    case ColumnType::jsonb:
      require_form(type, !binary.empty() && binary[0] == kJsonbVersion);
      out.append(binary.substr(1));
      break;
    case ColumnType::bytes:
      append_bytes(binary, out);
      break;
    case ColumnType::uuid:
      append_uuid(type, binary, out);
      break;
    case ColumnType::date:
      append_date_text(fixed_cell<std::int32_t>(type, binary), out);
      break;
    case ColumnType::time:
      append_time_text(fixed_cell<std::int64_t>(type, binary), out);
      break;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      append_timestamp_text(fixed_cell<std::int64_t>(type, binary),
                            type.element == ColumnType::timestamptz, TimeStyle::text, out);
      break;
    case ColumnType::interval:
      append_interval(type, binary, out);
      break;
  }
}

bool needs_quotes(std::string_view text) {
  const bool is_null_word = text.size() == 4 && strncasecmp(text.data(), "null", 4) == 0;
  return text.empty() || is_null_word ||
         text.find_first_of("\"\\{}, \t\n\r\v\f") != std::string_view::npos;
}

void append_element(std::string_view text, Buffer& out) {
  if (!needs_quotes(text)) {
    out.append(text);
    return;
  }
  out.append('"');
  for (const char character : text) {
    if (character == '"' || character == '\\') {
      out.append('\\');
    }
    out.append(character);
  }
  out.append('"');
}

// Writes the array of one dimension, and those inside it; advances through the elements.
class ArrayText {
 public:
  ArrayText(const Type& element, const ArrayCell& array, Buffer& out)
      : element_(element), array_(array), out_(out) {}

  void append(std::size_t depth) {
    out_.append('{');
    for (std::int32_t index = 0; index < array_.dimensions[depth].size; ++index) {
      if (index > 0) {
        out_.append(',');
      }
      if (depth + 1 < array_.dimensions.size()) {
        append(depth + 1);
      } else {
        append_next();
      }
    }
    out_.append('}');
  }

 private:
  void append_next() {
    const auto& value = array_.elements[next_++];
    if (!value) {
      out_.append("NULL");
      return;
    }
    if (element_.element == ColumnType::boolean) {
      out_.append(fixed_cell<std::int8_t>(element_, *value) != 0 ? 't' : 'f');
      return;
    }
    text_.clear();
    append_scalar(element_, *value, text_);
    append_element(text_.view(), out_);
  }

  const Type& element_;
  const ArrayCell& array_;
  Buffer& out_;
  Buffer text_;
  std::size_t next_ = 0;
};

void append_array(const Type& type, std::string_view binary, Buffer& out) {
  const ArrayCell array = parse_array(binary);
  if (array.elements.empty()) {
    out.append("{}");
    return;
  }
  bool plain = true;
  for (const ArrayDimension& dimension : array.dimensions) {
    plain = plain && dimension.lower_bound == 1;
  }
  for (const ArrayDimension& dimension : array.dimensions) {
    if (!plain) {
      out.append(fmt::format("[{}:{}]", dimension.lower_bound,
                             dimension.lower_bound + dimension.size - 1));
    }
  }
  if (!plain) {
    out.append('=');
  }
  Type element = type;
  element.is_array = false;
  ArrayText(element, array, out).append(0);
}

}  // namespace

void append_cell_text(const Type& type, std::string_view binary, Buffer& out) {
  if (type.is_array) {
    append_array(type, binary, out);
  } else {
    append_scalar(type, binary, out);
  }
}

}  // namespace rowferry
