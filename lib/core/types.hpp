#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {

/// The closed set of types whose cells hold PostgreSQL's binary form (the output of the type's
/// `send` function). Every other type of a source is selected as its own text, and is `text` here.
enum class ColumnType : std::uint8_t {
  boolean,
  int16,
  int32,
  int64,
  float32,
  float64,
  numeric,
  text,
  bytes,
  uuid,
  json,   ///< the text as it was stored
  jsonb,  ///< a version byte (1), then the text
  date,
  time,
  timestamp,
  timestamptz,
  interval,
};

/// The type of a column: one of the closed set, or an array of it.
struct Type {
  ColumnType element = ColumnType::text;
  bool is_array = false;
  /// numeric(precision, scale); 0 precision: any. For text, `length` of varchar(n) and char(n).
  std::int16_t precision = 0;
  std::int16_t scale = 0;
  std::int32_t length = 0;

  bool operator==(const Type&) const = default;
};

/// The name of a type as PostgreSQL spells it: `numeric(10,2)`, `timestamp with time zone`,
/// `integer[]`.
[[nodiscard]] std::string to_string(const Type& type);

}  // namespace rowferry
