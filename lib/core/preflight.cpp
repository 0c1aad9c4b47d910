#include "core/preflight.hpp"

#include <algorithm>

namespace rowferry {
namespace {

// A control character becomes \u00xx; of other values only a numeric with hundreds of zeros grows
// more.
constexpr std::size_t kJsonGrowth = 6;
// Quotes, colon and comma of a member, and a null.
constexpr std::size_t kMemberBytes = 8;

std::string element_form(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return "true or false";
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
      return "number";
    case ColumnType::float32:
    case ColumnType::float64:
      return "number (NaN, infinity: string)";
    case ColumnType::numeric:
      return "number, all digits (NaN, infinity: string)";
    case ColumnType::bytes:
      return "string (\\x hex)";
    case ColumnType::json:
    case ColumnType::jsonb:
      return "as it is";
    case ColumnType::date:
      return "string (2024-02-29)";
    case ColumnType::time:
      return "string (12:00:00)";
    case ColumnType::timestamp:
      return "string (2024-02-29T12:00:00)";
    case ColumnType::timestamptz:
      return "string (2024-02-29T12:00:00+00:00)";
    case ColumnType::interval:
      return "string (1 day 02:00:00)";
    case ColumnType::text:
    case ColumnType::uuid:
      return "string";
  }
  return "string";
}

}  // namespace

Finding finding_of(const Error& error) {
  const bool is_theirs = error.failure() == Failure::transient;
  return {is_theirs ? Severity::refused : Severity::wrong, error.what(), ""};
}

bool has_fault(const std::vector<Finding>& findings) {
  return std::ranges::any_of(findings, [](const Finding& finding) {
    return finding.severity == Severity::wrong || finding.severity == Severity::refused;
  });
}

std::string json_form(const Type& type) {
  const std::string form = element_form(type.element);
  return type.is_array ? "array of " + form : form;
}

std::size_t batch_bytes_bound(const BatchLimits& limits, std::size_t columns) {
  return limits.bytes_max + limits.rows_max * columns * sizeof(Cell);
}

std::size_t json_bytes_bound(const BatchLimits& limits, const Schema& schema,
                             std::size_t row_bytes) {
  for (const Column& column : schema.columns) {
    row_bytes += column.name.size() + kMemberBytes;
  }
  return limits.bytes_max * kJsonGrowth + limits.rows_max * row_bytes;
}

}  // namespace rowferry
