#include "core/cell_json.hpp"

#include <bit>
#include <cmath>

#include "base/json_text.hpp"
#include "core/array_cell.hpp"
#include "core/cell_text.hpp"
#include "core/fixed_cell.hpp"
#include "core/numeric_text.hpp"
#include "core/time_text.hpp"

namespace rowferry {
namespace {

// The canonical text between quotes, for types whose text needs no escapes.
void append_quoted(const Type& type, std::string_view binary, Buffer& out) {
  out.append('"');
  append_cell_text(type, binary, out);
  out.append('"');
}

void append_number(const Type& type, std::string_view binary, bool is_finite, Buffer& out) {
  if (is_finite) {
    append_cell_text(type, binary, out);
  } else {
    append_quoted(type, binary, out);
  }
}

// A backslash begins the text of bytes, and JSON wants it doubled.
void append_bytes(const Type& type, std::string_view binary, Buffer& out) {
  out.append("\"\\");
  append_cell_text(type, binary, out);
  out.append('"');
}

// JSON as it was stored, on one line: line ends stand between tokens only, never inside strings.
void append_on_one_line(std::string_view text, Buffer& out) {
  const std::size_t start = out.size();
  out.append(text);
  for (char* at = out.data() + start; at != out.data() + out.size(); ++at) {
    if (*at == '\n' || *at == '\r') {
      *at = ' ';
    }
  }
}

void append_timestamp(const Type& type, std::string_view binary, Buffer& out) {
  out.append('"');
  append_timestamp_text(fixed_cell<std::int64_t>(type, binary),
                        type.element == ColumnType::timestamptz, TimeStyle::json, out);
  out.append('"');
}

void append_scalar(const Type& type, std::string_view binary, Buffer& out) {
  switch (type.element) {
    case ColumnType::boolean:
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
    case ColumnType::jsonb:
      append_cell_text(type, binary, out);
      break;
    case ColumnType::float32:
      append_number(type, binary,
                    std::isfinite(std::bit_cast<float>(fixed_cell<std::int32_t>(type, binary))),
                    out);
      break;
    case ColumnType::float64:
      append_number(type, binary,
                    std::isfinite(std::bit_cast<double>(fixed_cell<std::int64_t>(type, binary))),
                    out);
      break;
    case ColumnType::numeric:
      append_number(type, binary, is_finite_numeric(binary), out);
      break;
    case ColumnType::json:
      append_on_one_line(binary, out);
      break;
    case ColumnType::text:
      append_json_string(binary, out);
      break;
    case ColumnType::bytes:
      append_bytes(type, binary, out);
      break;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      append_timestamp(type, binary, out);
      break;
    case ColumnType::uuid:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::interval:
      append_quoted(type, binary, out);
      break;
  }
}

// Writes the array of one dimension, and those inside it; returns the next element's number.
std::size_t append_dimension(const Type& element, const ArrayCell& array, std::size_t depth,
                             std::size_t next, Buffer& out) {
  out.append('[');
  for (std::int32_t index = 0; index < array.dimensions[depth].size; ++index) {
    if (index > 0) {
      out.append(',');
    }
    if (depth + 1 < array.dimensions.size()) {
      next = append_dimension(element, array, depth + 1, next, out);
      continue;
    }
    const auto& value = array.elements[next++];
    if (value) {
      append_scalar(element, *value, out);
    } else {
      out.append("null");
    }
  }
  out.append(']');
  return next;
}

}  // namespace

void append_cell_json(const Type& type, std::string_view binary, Buffer& out) {
  if (!type.is_array) {
    append_scalar(type, binary, out);
    return;
  }
  const ArrayCell array = parse_array(binary);
  if (array.elements.empty()) {
    out.append("[]");
    return;
  }
  Type element = type;
  element.is_array = false;
  append_dimension(element, array, 0, 0, out);
}

}  // namespace rowferry
