#include "formats/csv.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/digits.hpp"
#include "base/error.hpp"
#include "core/cell_text.hpp"

namespace rowferry {
namespace {

/// Whether every text of a type is letters, digits and `+ - . :` alone, and not empty.
bool is_plain(const Type& type) {
  switch (type.element) {
    case ColumnType::boolean:
    case ColumnType::int16:
    case ColumnType::int32:
    case ColumnType::int64:
    case ColumnType::float32:
    case ColumnType::float64:
    case ColumnType::numeric:
    case ColumnType::uuid:
    case ColumnType::time:
      return !type.is_array;
    default:
      return false;
  }
}

}  // namespace

CsvEncoder::CsvEncoder(SchemaPointer schema, CsvDialect dialect, ChangeColumns change_columns)
    : schema_(std::move(schema)), fields_(std::move(dialect)), change_columns_(change_columns) {
  for (std::size_t column = 0; column < schema_->columns.size(); ++column) {
    const Column& described = schema_->columns[column];
    if (is_written(described, change_columns_)) {
      columns_.push_back({column, is_plain(described.type) && fields_.leaves_plain_words()});
    }
  }
}

void CsvEncoder::append_header(Buffer& out) const {
  bool is_first = true;
  const auto append_name = [&](std::string_view name) {
    if (!is_first) {
      out.append(fields_.dialect().delimiter);
    }
    is_first = false;
    fields_.append(name, out);
  };
  for (const Field& field : columns_) {
    append_name(schema_->columns[field.column].name);
  }
  if (change_columns_ == ChangeColumns::yes) {
    append_name(kOperationColumn);
    append_name(kSequenceColumn);
  }
  out.append(fields_.dialect().line_end);
}

void CsvEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  const std::size_t start = out.size();
  for (const Field& field : columns_) {
    if (field.column != columns_.front().column) {
      out.append(fields_.dialect().delimiter);
    }
    try {
      append_field(batch, row, field, out);
    } catch (const Error& error) {
      out.truncate(start);
      throw Error(error.failure(),
                  fmt::format("column {}: {}", schema_->columns[field.column].name, error.what()));
    }
  }
  if (change_columns_ == ChangeColumns::yes) {
    append_change(batch, row, out);
  }
  out.append(fields_.dialect().line_end);
}

void CsvEncoder::append_field(const Batch& batch, std::size_t row, const Field& field,
                              Buffer& out) const {
  const Cell& cell = batch.cell(row, field.column);
  if (cell.is_null()) {
    out.append(fields_.dialect().null_text);
    return;
  }
  const std::size_t start = out.size();
  append_cell_text(schema_->columns[field.column].type, batch.value(cell), out);
  if (!field.is_plain) {
    fields_.quote_from(start, out);
  }
}

void CsvEncoder::append_change(const Batch& batch, std::size_t row, Buffer& out) const {
  if (!columns_.empty()) {
    out.append(fields_.dialect().delimiter);
  }
  fields_.append(operation_word(batch.operation(row)), out);
  out.append(fields_.dialect().delimiter);
  const std::size_t start = out.size();
  out.commit_to(write_integer(batch.sequence, out.prepare(kIntegerTextMax)));
  fields_.quote_from(start, out);
}

}  // namespace rowferry
