#include "core/row_json.hpp"

#include <fmt/format.h>

#include <cstring>

#include "base/error.hpp"
#include "base/json_text.hpp"
#include "core/cell_json.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kPrefixWord = 16;

/// `{"name":` or `,"name":`.
void append_name(std::string_view name, bool is_first, Buffer& out) {
  out.append(is_first ? '{' : ',');
  append_json_string(name, out);
  out.append(':');
}

/// Takes the buffer back to `start`, where the row began, and names the column.
[[noreturn]] void throw_malformed(const Column& column, const Error& error, std::size_t start,
                                  Buffer& out) {
  out.truncate(start);
  throw Error(error.failure(), fmt::format("column {}: {}", column.name, error.what()));
}

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
    throw_malformed(described, error, start, out);
  }
}

}  // namespace

JsonRowEncoder::JsonRowEncoder(SchemaPointer schema, IdentityColumns identity)
    : schema_(std::move(schema)) {
  Buffer prefix;
  for (std::size_t column = 0; column < schema_->columns.size(); ++column) {
    if (schema_->columns[column].identity_only && identity == IdentityColumns::left_out) {
      continue;
    }
    prefix.clear();
    append_name(schema_->columns[column].name, members_.empty(), prefix);
    Member member;
    member.column = column;
    member.append = cell_json_writer(schema_->columns[column].type);
    member.prefix = prefix.view();
    member.prefix_size = prefix.size();
    member.prefix.resize((prefix.size() + kPrefixWord - 1) / kPrefixWord * kPrefixWord);
    members_.push_back(std::move(member));
  }
}

void JsonRowEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  if (members_.empty()) {
    out.append("{}");
    return;
  }
  const std::size_t start = out.size();
  const Cell* cells = batch.row(row);
  for (const Member& member : members_) {
    append_prefix(member, out);
    const Cell& cell = cells[member.column];
    if (cell.is_null()) {
      out.append("null");
      continue;
    }
    const Column& column = schema_->columns[member.column];
    try {
      member.append(column.type, batch.value(cell), out);
    } catch (const Error& error) {
      throw_malformed(column, error, start, out);
    }
  }
  out.append('}');
}

// Most names are short: copies of a fixed size are a load and a store each.
void JsonRowEncoder::append_prefix(const Member& member, Buffer& out) {
  char* room = out.prepare(member.prefix.size());
  for (std::size_t at = 0; at < member.prefix.size(); at += kPrefixWord) {
    std::memcpy(room + at, member.prefix.data() + at, kPrefixWord);
  }
  out.commit(member.prefix_size);
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
