#include "core/row_json.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "core/cell_json.hpp"

namespace rowferry {
namespace {

std::string member_prefix(std::string_view name, bool is_first) {
  Buffer text;
  text.append(is_first ? '{' : ',');
  append_json_string(name, text);
  text.append(':');
  return std::string(text.view());
}

void append_value(const Batch& batch, std::size_t row, std::size_t column, const Type& type,
                  Buffer& out) {
  const Cell& cell = batch.cell(row, column);
  if (cell.is_null()) {
    out.append("null");
  } else {
    append_cell_json(type, batch.value(cell), out);
  }
}

[[noreturn]] void refuse(const Schema& schema, std::size_t column, const Error& error) {
  throw Error(error.failure(),
              fmt::format("column {}: {}", schema.columns[column].name, error.what()));
}

}  // namespace

JsonRowEncoder::JsonRowEncoder(SchemaPointer schema) : schema_(std::move(schema)) {
  for (std::size_t index = 0; index < schema_->columns.size(); ++index) {
    const Column& column = schema_->columns[index];
    if (!column.identity_only) {
      members_.push_back(Member{index, column.type, member_prefix(column.name, members_.empty())});
    }
  }
}

void JsonRowEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  const std::size_t start = out.size();
  const Member* current = nullptr;
  try {
    for (const Member& member : members_) {
      current = &member;
      out.append(member.prefix);
      append_value(batch, row, member.column, member.type, out);
    }
  } catch (const Error& error) {
    out.truncate(start);
    refuse(*schema_, current->column, error);
  }
  out.append(members_.empty() ? "{}" : "}");
}

void append_key_json(const Batch& batch, std::size_t row, Buffer& out) {
  const std::size_t start = out.size();
  const Schema& schema = batch.schema();
  bool is_first = true;
  for (const std::size_t column : schema.identity) {
    out.append(member_prefix(schema.columns[column].name, is_first));
    is_first = false;
    try {
      append_value(batch, row, column, schema.columns[column].type, out);
    } catch (const Error& error) {
      out.truncate(start);
      refuse(schema, column, error);
    }
  }
  out.append(is_first ? "{}" : "}");
}

}  // namespace rowferry
