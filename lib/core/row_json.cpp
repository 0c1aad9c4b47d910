#include "core/row_json.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "core/cell_json.hpp"

namespace rowferry {
namespace {

/// `{"name":` or `,"name":`.
void append_name(std::string_view name, bool is_first, Buffer& out) {
  out.append(is_first ? '{' : ',');
  append_json_string(name, out);
  out.append(':');
}

/// A cell's JSON. When the cell is malformed, names the column and takes the buffer back to
/// `start`, where its row began.
void append_value(const Batch& batch, std::size_t row, std::size_t column, std::size_t start,
                  Buffer& out) {
  const Cell& cell = batch.cell(row, column);
  if (cell.is_null()) {
    out.append("null");
    return;
  }
  const Column& described = batch.schema().columns[column];
  try {
    append_cell_json(described.type, batch.value(cell), out);
  } catch (const Error& error) {
    out.truncate(start);
    throw Error(error.failure(), fmt::format("column {}: {}", described.name, error.what()));
  }
}

}  // namespace

JsonRowEncoder::JsonRowEncoder(SchemaPointer schema) : schema_(std::move(schema)) {
  Buffer prefix;
  for (std::size_t column = 0; column < schema_->columns.size(); ++column) {
    if (schema_->columns[column].identity_only) {
      continue;
    }
    prefix.clear();
    append_name(schema_->columns[column].name, members_.empty(), prefix);
    members_.push_back({column, std::string(prefix.view())});
  }
}

void JsonRowEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  if (members_.empty()) {
    out.append("{}");
    return;
  }
  const std::size_t start = out.size();
  for (const Member& member : members_) {
    out.append(member.prefix);
    append_value(batch, row, member.column, start, out);
  }
  out.append('}');
}

void append_key_json(const Batch& batch, std::size_t row, Buffer& out) {
  const std::size_t start = out.size();
  bool is_first = true;
  for (const std::size_t column : batch.schema().identity) {
    append_name(batch.schema().columns[column].name, is_first, out);
    append_value(batch, row, column, start, out);
    is_first = false;
  }
  out.append(is_first ? "{}" : "}");
}

}  // namespace rowferry
