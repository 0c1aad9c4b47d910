#include "core/types.hpp"

#include <fmt/format.h>

namespace rowferry {
namespace {

std::string_view base_name(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "boolean";
    case ColumnType::int16:
      return "smallint";
    case ColumnType::int32:
      return "integer";
    case ColumnType::int64:
      return "bigint";
    case ColumnType::float32:
      return "real";
    case ColumnType::float64:
      return "double precision";
    case ColumnType::numeric:
      return "numeric";
    case ColumnType::text:
      return "text";
    case ColumnType::bytes:
      return "bytea";
    case ColumnType::uuid:
      return "uuid";
    case ColumnType::json:
      return "json";
    case ColumnType::jsonb:
      return "jsonb";
    case ColumnType::date:
      return "date";
    case ColumnType::time:
      return "time without time zone";
    case ColumnType::timestamp:
      return "timestamp without time zone";
    case ColumnType::timestamptz:
      return "timestamp with time zone";
    case ColumnType::interval:
      return "interval";
  }
  return "text";
}

}  // namespace

std::string to_string(const Type& type) {
  std::string name(base_name(type.element));
  if (type.element == ColumnType::numeric && type.precision > 0) {
    name += fmt::format("({},{})", type.precision, type.scale);
  } else if (type.element == ColumnType::text && type.length > 0) {
    name = fmt::format("character varying({})", type.length);
  }
  return type.is_array ? name + "[]" : name;
}

}  // namespace rowferry
