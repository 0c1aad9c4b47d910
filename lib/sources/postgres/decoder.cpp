#include "sources/postgres/decoder.hpp"

#include <fmt/format.h>

#include "base/big_endian.hpp"
#include "base/error.hpp"
#include "base/utf8.hpp"
#include "core/array_binary.hpp"
#include "core/cell_text.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kTidBytes = 6;

[[noreturn]] void refuse_tuple() {
  throw Error(Failure::internal, "a row of COPY has another form than the statement asked for");
}

// Takes a tuple apart: a 16 bit field count, then a 32 bit size (-1 for null) and the bytes of each
// field. Cells are counted from `base`.
class TupleReader {
 public:
  TupleReader(std::string_view tuple, std::uint32_t base, std::size_t fields)
      : tuple_(tuple), base_(base) {
    if (tuple.size() < 2 ||
        static_cast<std::size_t>(load_big_endian<std::int16_t>(tuple.data())) != fields) {
      refuse_tuple();
    }
  }

  Cell next() {
    if (tuple_.size() - at_ < 4) {
      refuse_tuple();
    }
    const auto size = load_big_endian<std::int32_t>(tuple_.data() + at_);
    at_ += 4;
    if (size < 0) {
      return Cell{};
    }
    const auto bytes = static_cast<std::uint32_t>(size);
    if (tuple_.size() - at_ < bytes) {
      refuse_tuple();
    }
    const Cell cell{base_ + static_cast<std::uint32_t>(at_), bytes};
    at_ += bytes;
    return cell;
  }

  void finish() const {
    if (at_ != tuple_.size()) {
      refuse_tuple();
    }
  }

 private:
  std::string_view tuple_;
  std::uint32_t base_;
  std::size_t at_ = 2;
};

bool holds_utf8(const Type& type, std::string_view value) {
  if (!type.is_array) {
    return is_utf8(value);
  }
  ArrayReader array(type, value);
  std::size_t elements = array.dimensions().empty() ? 0 : 1;
  for (const ArrayDimension& dimension : array.dimensions()) {
    elements *= static_cast<std::size_t>(dimension.size);
  }
  for (; elements > 0; --elements) {
    const auto element = array.next();
    if (element && !is_utf8(*element)) {
      return false;
    }
  }
  return true;
}

std::string text_of(const Batch& batch, const Type& type, const Cell& cell) {
  Buffer text;
  append_cell_text(type, batch.value(cell), text);
  return std::string(text.view());
}

}  // namespace

Decoder::Decoder(Projection projection, bool text_is_unchecked)
    : projection_(std::move(projection)), text_is_unchecked_(text_is_unchecked) {
  is_key_.resize(projection_.schema->columns.size());
  for (const std::size_t index : projection_.schema->identity) {
    is_key_[index] = true;
  }
  fields_.resize(projection_.fields());
}

void Decoder::append(std::string_view tuple, Batch& batch) {
  const std::size_t size = tuple.size();
  if (size <= projection_.row_bytes_max) {
    const auto base = static_cast<std::uint32_t>(batch.block().size());
    batch.block().append(tuple);
    point_cells(tuple, base, batch);
    const std::size_t row = batch.rows() - 1;
    if (text_is_unchecked_ && has_bad_text(batch, row)) {
      keep_key_only(batch, row);
      batch.issues.push_back(RowIssue{row, false, {}, "text that is not UTF-8"});
    }
    return;
  }
  // Too large: its key (and what the position needs) is copied field by field.
  TupleReader reader(tuple, 0, fields_.size());
  for (Cell& field : fields_) {
    field = reader.next();
  }
  reader.finish();
  std::string small(2, '\0');
  store_big_endian(static_cast<std::int16_t>(fields_.size()), small.data());
  const std::size_t first = (projection_.has_removed ? 1u : 0u) + (projection_.has_ctid ? 1u : 0u);
  for (std::size_t index = 0; index < fields_.size(); ++index) {
    const std::size_t column = index - first;
    const bool is_column = index >= first && column < is_key_.size();
    const bool kept = !is_column || is_key_[column] || projection_.cursor_column == column;
    const Cell cell = fields_[index];
    const bool is_null = !kept || cell.is_null();
    const std::size_t at = small.size();
    small.resize(at + 4);
    store_big_endian(is_null ? -1 : static_cast<std::int32_t>(cell.size), small.data() + at);
    if (!is_null) {
      small += tuple.substr(cell.offset, cell.size);
    }
  }
  const auto base = static_cast<std::uint32_t>(batch.block().size());
  batch.block().append(small);
  point_cells(small, base, batch);
  const std::size_t row = batch.rows() - 1;
  keep_key_only(batch, row);
  if (batch.operation(row) == Operation::upsert) {
    batch.issues.push_back(
        RowIssue{row,
                 false,
                 {},
                 fmt::format("the row has {} bytes, more than source.row_bytes_max ({})", size,
                             projection_.row_bytes_max)});
  }
}

bool Decoder::append_tie(std::string_view tuple, Batch& batch) {
  const Cell cursor = last_cursor_;
  const Tid tid = last_tid_;
  append(tuple, batch);
  if (is_tie(batch, cursor)) {
    return true;
  }
  const std::size_t row = batch.rows() - 1;
  std::erase_if(batch.issues, [row](const RowIssue& issue) { return issue.row == row; });
  batch.drop_last_row();
  last_cursor_ = cursor;
  last_tid_ = tid;
  return false;
}

bool Decoder::is_tie(const Batch& batch, const Cell& cursor_before) const {
  const auto same = [&batch](const Cell& left, const Cell& right) {
    return left.is_null() == right.is_null() &&
           (left.is_null() || batch.value(left) == batch.value(right));
  };
  const std::size_t row = batch.rows() - 1;
  for (const std::size_t column : projection_.schema->identity) {
    if (!same(batch.cell(row - 1, column), batch.cell(row, column))) {
      return false;
    }
  }
  return same(cursor_before, last_cursor_);
}

void Decoder::point_cells(std::string_view tuple, std::uint32_t base, Batch& batch) {
  TupleReader reader(tuple, base, fields_.size());
  bool removed = false;
  if (projection_.has_removed) {
    const Cell flag = reader.next();
    if (!flag.is_null() && flag.size != 1) {
      refuse_tuple();
    }
    removed = !flag.is_null() && tuple[flag.offset - base] != 0;
  }
  if (projection_.has_ctid) {
    const Cell cell = reader.next();
    if (cell.size != kTidBytes) {
      refuse_tuple();
    }
    const char* bytes = tuple.data() + (cell.offset - base);
    last_tid_ =
        Tid{load_big_endian<std::uint32_t>(bytes), load_big_endian<std::uint16_t>(bytes + 4)};
  }
  Cell* cells = batch.add_row(removed ? Operation::remove : Operation::upsert);
  const std::size_t columns = projection_.schema->columns.size();
  for (std::size_t column = 0; column < columns; ++column) {
    cells[column] = reader.next();
  }
  if (projection_.cursor_column) {
    last_cursor_ = cells[*projection_.cursor_column];
  } else if (projection_.has_hidden_cursor) {
    last_cursor_ = reader.next();
  }
  reader.finish();
  if (removed) {
    keep_key_only(batch, batch.rows() - 1);
  }
}

void Decoder::keep_key_only(Batch& batch, std::size_t row) const {
  for (std::size_t column = 0; column < is_key_.size(); ++column) {
    if (!is_key_[column]) {
      batch.cell(row, column) = Cell{};
    }
  }
}

bool Decoder::has_bad_text(const Batch& batch, std::size_t row) const {
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    const Type& type = projection_.schema->columns[column].type;
    const bool is_text = type.element == ColumnType::text || type.element == ColumnType::json ||
                         type.element == ColumnType::jsonb;
    const Cell& cell = batch.cell(row, column);
    if (is_text && !cell.is_null() && !holds_utf8(type, batch.value(cell))) {
      return true;
    }
  }
  return false;
}

std::optional<std::string> Decoder::last_cursor(const Batch& batch) const {
  if (last_cursor_.is_null()) {
    return std::nullopt;
  }
  return text_of(batch, projection_.cursor_type, last_cursor_);
}

std::vector<std::string> Decoder::last_key(const Batch& batch) const {
  std::vector<std::string> key;
  const std::size_t row = batch.rows() - 1;
  for (const std::size_t index : projection_.schema->identity) {
    const Column& column = projection_.schema->columns[index];
    const Cell& cell = batch.cell(row, index);
    if (cell.is_null()) {
      refuse_key(column, "NULL");
    }
    key.push_back(text_of(batch, column.type, cell));
    if (!is_utf8(key.back())) {
      refuse_key(column, "text that is not UTF-8");
    }
  }
  return key;
}

void Decoder::refuse_key(const Column& column, std::string_view what) const {
  throw Error(Failure::config,
              fmt::format("key column {} of {} holds {}: choose key columns that never do",
                          column.name, projection_.schema->table, what));
}

}  // namespace rowferry::postgres
