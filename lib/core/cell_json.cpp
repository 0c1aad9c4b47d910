#include "core/cell_json.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/json_text.hpp"
#include "core/array_text.hpp"
#include "core/binary_cell.hpp"
#include "core/cell_text.hpp"
#include "core/numeric_text.hpp"
#include "core/time_text.hpp"

namespace rowferry {
namespace {

/// The canonical text between quotes, for types whose text needs no escape.
void append_quoted_text(const Type& type, std::string_view binary, Buffer& out) {
  out.append('"');
  append_cell_text(type, binary, out);
  out.append('"');
}

/// A number bare, NaN and the infinities quoted.
void append_number(const Type& type, std::string_view binary, bool is_finite, Buffer& out) {
  if (is_finite) {
    append_cell_text(type, binary, out);
  } else {
    append_quoted_text(type, binary, out);
  }
}

void append_numeric(const Type& type, std::string_view binary, Buffer& out) {
  append_number(type, binary, is_finite_numeric(binary), out);
}

void append_text(const Type& /*type*/, std::string_view binary, Buffer& out) {
  append_json_string(binary, out);
}

template <class Float, class Bits>
void append_float(const Type& type, std::string_view binary, Buffer& out) {
  const auto value = std::bit_cast<Float>(load_cell<Bits>(type, binary));
  append_number(type, binary, std::isfinite(value), out);
}

void append_timestamp(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  const ZoneText zone = type.element == ColumnType::timestamptz ? ZoneText::utc : ZoneText::none;
  char* text = out.prepare(kTimeTextMax + 2);
  *text++ = '"';
  text = write_timestamp_iso8601(microseconds, zone, text);
  *text++ = '"';
  out.commit_to(text);
}

/// `\x` is the only text of a cell, but for text itself, that needs an escape.
void append_bytes(const Type& type, std::string_view binary, Buffer& out) {
  out.append("\"\\");
  append_cell_text(type, binary, out);
  out.append('"');
}

/// In JSON a line end can only stand between tokens, where a blank means the same.
void append_on_one_line(const Type& /*type*/, std::string_view json, Buffer& out) {
  char* text = out.prepare(json.size());
  char* end = std::ranges::replace_copy_if(
                  json, text, [](char each) { return each == '\n' || each == '\r'; }, ' ')
                  .out;
  out.commit_to(end);
}

AppendCell scalar_writer(const Type& type) {
  switch (type.element) {
    case ColumnType::float32:
      return append_float<float, std::uint32_t>;
    case ColumnType::float64:
      return append_float<double, std::uint64_t>;
    case ColumnType::numeric:
      return append_numeric;
    case ColumnType::text:
      return append_text;
    case ColumnType::json:
      return append_on_one_line;
    case ColumnType::bytes:
      return append_bytes;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return append_timestamp;
    case ColumnType::uuid:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::interval:
      return append_quoted_text;
    case ColumnType::boolean:
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
    case ColumnType::jsonb:
      break;
  }
  return cell_text_writer(type);
}

void append_element(const Type& type, std::string_view binary, Buffer& out) {
  scalar_writer(type)(type, binary, out);
}

void append_array(const Type& type, std::string_view binary, Buffer& out) {
  append_array_json(type, binary, append_element, out);
}

}  // namespace

AppendCell cell_json_writer(const Type& type) {
  return type.is_array ? append_array : scalar_writer(type);
}

void append_cell_json(const Type& type, std::string_view binary, Buffer& out) {
  cell_json_writer(type)(type, binary, out);
}

}  // namespace rowferry
