#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "core/position.hpp"
#include "core/schema.hpp"

namespace rowferry {

/// What happened to a row.
enum class Operation : std::uint8_t {
  upsert,  ///< all cells are given
  remove,  ///< the row is gone: only the cells of identity and key are given, the others are null
};

/// Where a cell's bytes lie in the batch's block.
struct Cell {
  static constexpr std::uint32_t kNull = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t offset = 0;
  std::uint32_t size = kNull;

  [[nodiscard]] bool is_null() const { return size == kNull; }
};

/// A row that could not be taken, and why.
struct RowIssue {
  std::size_t row = 0;  ///< its index in the batch
  bool retry = false;   ///< worth trying again as it is (429, 503); else refused for good
  std::chrono::milliseconds retry_after{0};
  std::string reason;  ///< the server's message, for the dead letter
};

/// The unit of movement: one block of bytes, one {offset, size} per cell, row after row. Cells hold
/// values in PostgreSQL's binary form (see ColumnType). A batch keeps its memory when cleared and
/// is used again; it moves between tasks and threads, and has one owner at a time.
class Batch {
 public:
  /// Starts anew with a schema; keeps the memory.
  void clear(SchemaPointer schema);

  [[nodiscard]] const Schema& schema() const { return *schema_; }
  [[nodiscard]] const SchemaPointer& schema_pointer() const { return schema_; }
  void set_schema(SchemaPointer schema) { schema_ = std::move(schema); }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return operations_.size(); }
  [[nodiscard]] bool empty() const { return operations_.empty(); }
  /// The bytes of all cells, what `batch.bytes` limits.
  [[nodiscard]] std::size_t bytes() const { return block_.size(); }

  /// Adds a row of null cells and returns its first cell; valid until the next row is added.
  Cell* add_row(Operation operation);
  /// Takes the last row back (its bytes in the block stay unused).
  void drop_last_row();

  [[nodiscard]] Operation operation(std::size_t row) const { return operations_[row]; }
  void set_operation(std::size_t row, Operation operation) { operations_[row] = operation; }

  [[nodiscard]] const Cell& cell(std::size_t row, std::size_t column) const {
    return cells_[row * columns_ + column];
  }
  [[nodiscard]] Cell& cell(std::size_t row, std::size_t column) {
    return cells_[row * columns_ + column];
  }
  /// The cells of a row.
  [[nodiscard]] const Cell* row(std::size_t row) const { return cells_.data() + row * columns_; }
  [[nodiscard]] std::string_view value(const Cell& cell) const {
    return block_.view(cell.offset, cell.size);
  }
  [[nodiscard]] std::string_view value(std::size_t row, std::size_t column) const {
    return value(cell(row, column));
  }

  /// Appends bytes to the block and returns the cell that names them.
  Cell store(std::string_view bytes);
  [[nodiscard]] Buffer& block() { return block_; }
  [[nodiscard]] const Buffer& block() const { return block_; }

  /// Copies the rows [first, last) of this batch into `part`, with sequence and read time but an
  /// empty position: a part passes nothing until the whole does.
  void copy_rows(std::size_t first, std::size_t last, Batch& part) const;
  /// Copies one row to the end of `other`, which has the same schema.
  void append_row_to(std::size_t row, Batch& other) const;

  /// Unique in the job, larger for a later snapshot: the number of the statement that read this.
  std::int64_t sequence = 0;
  /// When the statement that read this was sent: decides when the batch is too old to be sent.
  SteadyTime read_at{};
  /// Where the source goes on once everything handed out up to and including this batch is taken.
  Position position;
  /// Rows that the source or a transform found unfit (too large, a cast that failed): they are in
  /// the batch with their key cells, and go to the dead letters instead of the sink.
  std::vector<RowIssue> issues;

 private:
  SchemaPointer schema_;
  std::size_t columns_ = 0;
  Buffer block_;
  std::vector<Cell> cells_;
  std::vector<Operation> operations_;
};

using BatchPointer = std::unique_ptr<Batch>;

}  // namespace rowferry
