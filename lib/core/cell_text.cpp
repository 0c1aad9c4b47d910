#include "core/cell_text.hpp"

#include <bit>
#include <cstdint>

#include "base/digits.hpp"
#include "core/array_text.hpp"
#include "core/binary_cell.hpp"
#include "core/calendar.hpp"
#include "core/float_text.hpp"
#include "core/interval.hpp"
#include "core/numeric_text.hpp"
#include "core/time_text.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kUuidBytes = 16;

template <class Integer>
void append_integer(const Type& type, std::string_view binary, Buffer& out) {
  const auto value = load_cell<Integer>(type, binary);
  out.commit_to(write_integer(value, out.prepare(kIntegerTextMax)));
}

template <class Float, class Bits>
void append_float(const Type& type, std::string_view binary, Buffer& out) {
  const auto value = std::bit_cast<Float>(load_cell<Bits>(type, binary));
  out.commit_to(write_float(value, out.prepare(kFloatTextMax)));
}

void append_boolean(const Type& type, std::string_view binary, Buffer& out) {
  out.append(load_cell<std::uint8_t>(type, binary) != 0 ? "true" : "false");
}

void append_numeric(const Type& /*type*/, std::string_view binary, Buffer& out) {
  append_numeric_text(binary, out);
}

void append_as_it_is(const Type& /*type*/, std::string_view binary, Buffer& out) {
  out.append(binary);
}

void append_jsonb(const Type& type, std::string_view binary, Buffer& out) {
  out.append(jsonb_text(type, binary));
}

void append_bytes(const Type& /*type*/, std::string_view binary, Buffer& out) {
  char* text = out.prepare(2 + 2 * binary.size());
  out.commit_to(write_hex(binary, write_text("\\x", text)));
}

void append_uuid(const Type& type, std::string_view binary, Buffer& out) {
  expect_cell_bytes(type, binary, kUuidBytes);
  char* text = write_hex(binary.substr(0, 4), out.prepare(2 * kUuidBytes + 4));
  for (const std::size_t start : {4u, 6u, 8u}) {
    *text++ = '-';
    text = write_hex(binary.substr(start, 2), text);
  }
  *text++ = '-';
  out.commit_to(write_hex(binary.substr(10), text));
}

void append_date(const Type& type, std::string_view binary, Buffer& out) {
  out.commit_to(write_date(load_cell<std::int32_t>(type, binary), out.prepare(kTimeTextMax)));
}

void append_time(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  if (microseconds < 0 || microseconds > kMicrosecondsPerDay) {
    throw_malformed_cell(type, binary.size());
  }
  out.commit_to(write_time_of_day(microseconds, out.prepare(kTimeTextMax)));
}

void append_timestamp(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  const ZoneText zone = type.element == ColumnType::timestamptz ? ZoneText::utc : ZoneText::none;
  out.commit_to(write_timestamp(microseconds, zone, out.prepare(kTimeTextMax)));
}

void append_interval(const Type& type, std::string_view binary, Buffer& out) {
  expect_cell_bytes(type, binary, kIntervalBytes);
  out.commit_to(write_interval(load_interval(binary.data()), out.prepare(kIntervalTextMax)));
}

/// An element of an array: booleans there are `t` and `f`, everything else as when alone.
void append_array_element(const Type& type, std::string_view binary, Buffer& out) {
  if (type.element == ColumnType::boolean) {
    out.append(load_cell<std::uint8_t>(type, binary) != 0 ? 't' : 'f');
  } else {
    append_cell_text(type, binary, out);
  }
}

void append_array(const Type& type, std::string_view binary, Buffer& out) {
  append_array_text(type, binary, append_array_element, out);
}

AppendCell scalar_writer(ColumnType element) {
  switch (element) {
    case ColumnType::boolean:
      return append_boolean;
    case ColumnType::int16:
      return append_integer<std::int16_t>;
    case ColumnType::int32:
      return append_integer<std::int32_t>;
    case ColumnType::int64:
      return append_integer<std::int64_t>;
    case ColumnType::float32:
      return append_float<float, std::uint32_t>;
    case ColumnType::float64:
      return append_float<double, std::uint64_t>;
    case ColumnType::numeric:
      return append_numeric;
    case ColumnType::jsonb:
      return append_jsonb;
    case ColumnType::bytes:
      return append_bytes;
    case ColumnType::uuid:
      return append_uuid;
    case ColumnType::date:
      return append_date;
    case ColumnType::time:
      return append_time;
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return append_timestamp;
    case ColumnType::interval:
      return append_interval;
    case ColumnType::text:
    case ColumnType::json:
      break;
  }
  return append_as_it_is;
}

}  // namespace

AppendCell cell_text_writer(const Type& type) {
  return type.is_array ? append_array : scalar_writer(type.element);
}

void append_cell_text(const Type& type, std::string_view binary, Buffer& out) {
  cell_text_writer(type)(type, binary, out);
}

}  // namespace rowferry
