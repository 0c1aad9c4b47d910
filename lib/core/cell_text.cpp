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

void append_bytes(std::string_view binary, Buffer& out) {
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

void append_time(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  if (microseconds < 0 || microseconds > kMicrosecondsPerDay) {
    throw_malformed_cell(type, binary.size());
  }
  out.commit_to(write_time_of_day(microseconds, out.prepare(kTimeTextMax)));
}

void append_timestamp(const Type& type, std::string_view binary, Buffer& out) {
  const auto microseconds = load_cell<std::int64_t>(type, binary);
  const TimeZone zone = type.element == ColumnType::timestamptz ? TimeZone::utc : TimeZone::none;
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

void append_scalar(const Type& type, std::string_view binary, Buffer& out) {
  switch (type.element) {
    case ColumnType::boolean:
      return out.append(load_cell<std::uint8_t>(type, binary) != 0 ? "true" : "false");
    case ColumnType::int16:
      return append_integer<std::int16_t>(type, binary, out);
    case ColumnType::int32:
      return append_integer<std::int32_t>(type, binary, out);
    case ColumnType::int64:
      return append_integer<std::int64_t>(type, binary, out);
    case ColumnType::float32:
      return append_float<float, std::uint32_t>(type, binary, out);
    case ColumnType::float64:
      return append_float<double, std::uint64_t>(type, binary, out);
    case ColumnType::numeric:
      return append_numeric_text(binary, out);
    case ColumnType::text:
    case ColumnType::json:
      return out.append(binary);
    case ColumnType::jsonb:
      return out.append(jsonb_text(type, binary));
    case ColumnType::bytes:
      return append_bytes(binary, out);
    case ColumnType::uuid:
      return append_uuid(type, binary, out);
    case ColumnType::date:
      return out.commit_to(
          write_date(load_cell<std::int32_t>(type, binary), out.prepare(kTimeTextMax)));
    case ColumnType::time:
      return append_time(type, binary, out);
    case ColumnType::timestamp:
    case ColumnType::timestamptz:
      return append_timestamp(type, binary, out);
    case ColumnType::interval:
      return append_interval(type, binary, out);
  }
}

}  // namespace

void append_cell_text(const Type& type, std::string_view binary, Buffer& out) {
  if (type.is_array) {
    append_array_text(type, binary, append_array_element, out);
  } else {
    append_scalar(type, binary, out);
  }
}

}  // namespace rowferry
