#include "core/batch.hpp"

namespace rowferry {
namespace {

// A batch that once held a huge row gives its memory back.
constexpr std::size_t kKeptBytesMax = 32u << 20;

}  // namespace

void Batch::clear(SchemaPointer schema) {
  schema_ = std::move(schema);
  columns_ = schema_ ? schema_->columns.size() : 0;
  block_.clear_and_trim(kKeptBytesMax);
  cells_.clear();
  operations_.clear();
  issues.clear();
  position.json.clear();
  sequence = 0;
  read_at = {};
}

Cell* Batch::add_row(Operation operation) {
  operations_.push_back(operation);
  cells_.resize(cells_.size() + columns_);
  return cells_.data() + (cells_.size() - columns_);
}

void Batch::drop_last_row() {
  operations_.pop_back();
  cells_.resize(cells_.size() - columns_);
}

Cell Batch::store(std::string_view bytes) {
  const Cell cell{static_cast<std::uint32_t>(block_.size()),
                  static_cast<std::uint32_t>(bytes.size())};
  block_.append(bytes);
  return cell;
}

void Batch::copy_rows(std::size_t first, std::size_t last, Batch& part) const {
  part.clear(schema_);
  part.sequence = sequence;
  part.read_at = read_at;
  for (std::size_t row = first; row < last; ++row) {
    append_row_to(row, part);
  }
}

void Batch::append_row_to(std::size_t row, Batch& other) const {
  Cell* target = other.add_row(operations_[row]);
  const Cell* source = this->row(row);
  for (std::size_t column = 0; column < columns_; ++column) {
    target[column] = source[column].is_null() ? Cell{} : other.store(value(source[column]));
  }
}

}  // namespace rowferry
