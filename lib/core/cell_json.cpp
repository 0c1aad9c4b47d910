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

template <class Float, class Bits>
void append_float(const Type& type, std::string_view binary, Buffer& out) {
  const auto value = std::bit_cast<Float>(load_cell<Bits>(type, binary));
  append_number(type, binary, std::isfinite(value), out);
}

void append_timestamp(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  const TimeZone zone = type.element == ColumnType::timestamptz ? TimeZone::utc : TimeZone::none;
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
void append_on_one_line(std::string_view json, Buffer& out) {
  char* text = out.prepare(json.size());
  char* end = std::ranges::replace_copy_if(
                  json, text, [](char each) { return each == '\n' || each == '\r'; }, ' ')
                  .out;
  out.commit_to(end);
}

void append_scalar(const Type& type, std::string_view binary, Buffer& out) {
  switch (type.element) {
    case ColumnType::boolean:
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
      return append_cell_text(type, binary, out);
    case ColumnType::float32:
      return append_float<float, std::uint32_t>(type, binary, out);
    case ColumnType::float64:
      return append_float<double, std::uint64_t>(type, binary, out);
    case ColumnType::numeric:
      return append_number(type, binary, is_finite_numeric(binary), out);
    case ColumnType::text:
      return append_json_string(binary, out);
    case ColumnType::json:
      return append_on_one_line(binary, out);
    case ColumnType::jsonb:
      return out.append(jsonb_text(type, binary));
    case ColumnType::bytes:
      return append_bytes(type, binary, out);
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return append_timestamp(type, binary, out);
    case ColumnType::uuid:
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::interval:
      return append_quoted_text(type, binary, out);
  }
}

}  // namespace

void append_cell_json(const Type& type, std::string_view binary, Buffer& out) {
  if (type.is_array) {
    append_array_json(type, binary, append_scalar, out);
  } else {
    append_scalar(type, binary, out);
  }
}

}  // namespace rowferry
