#include "formats/csv.hpp"

#include <fmt/format.h>

#include "base/digits.hpp"
#include "base/error.hpp"
#include "core/cell_text.hpp"

namespace rowferry {
namespace {

// Types whose text is made of letters, digits and `+ - . :` alone.
bool has_plain_text(const Type& type) {
  if (type.is_array) {
    return false;
  }
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
      return true;
    default:
      return false;
  }
}

}  // namespace

CsvEncoder::CsvEncoder(SchemaPointer schema, CsvDialect dialect, ChangeColumns change_columns)
    : schema_(std::move(schema)), fields_(std::move(dialect)), change_columns_(change_columns) {
  const bool plain_words = fields_.leaves_plain_words();
  for (std::size_t index = 0; index < schema_->columns.size(); ++index) {
    const Column& column = schema_->columns[index];
    if (!column.identity_only) {
      columns_.push_back(Field{index, column.type, plain_words && has_plain_text(column.type)});
    }
  }
}

void CsvEncoder::append_header(Buffer& out) const {
  bool is_first = true;
  const auto append_name = [this, &is_first, &out](std::string_view name) {
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
    append_name("_op");
    append_name("_sequence");
  }
  out.append(fields_.dialect().line_end);
}

void CsvEncoder::append_row(const Batch& batch, std::size_t row, Buffer& out) const {
  const std::size_t start = out.size();
  const CsvDialect& dialect = fields_.dialect();
  bool is_first = true;
  for (const Field& field : columns_) {
    if (!is_first) {
      out.append(dialect.delimiter);
    }
    is_first = false;
    const Cell& cell = batch.cell(row, field.column);
    if (cell.is_null()) {
      out.append(dialect.null_text);
      continue;
    }
    const std::size_t text = out.size();
    try {
      append_cell_text(field.type, batch.value(cell), out);
    } catch (const Error& error) {
      out.truncate(start);
      throw Error(error.failure(),
                  fmt::format("column {}: {}", schema_->columns[field.column].name, error.what()));
    }
    if (!field.plain) {
      fields_.quote_from(text, out);
    }
  }
  if (change_columns_ == ChangeColumns::yes) {
    out.append(dialect.delimiter);
    out.append(batch.operation(row) == Operation::remove ? "delete" : "upsert");
    out.append(dialect.delimiter);
    out.commit_to(write_integer(batch.sequence, out.prepare(kIntegerTextMax)));
  }
  out.append(dialect.line_end);
}

}  // namespace rowferry
