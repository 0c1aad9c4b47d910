#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.hpp"
#include "core/batch.hpp"
#include "sinks/postgres/write_plan.hpp"

namespace rowferry::postgres_sink {

/// What stands before the cells of a row.
enum class RowHead {
  none,     ///< the row goes into the target
  staging,  ///< its place in the batch, and whether it is a removal
};

/// Rows of a batch as one stream of COPY's binary format, header and trailer included (PostgreSQL
/// manual, COPY, "Binary Format"), piece by piece. A cell that lies in the block behind its own
/// size, as tuples of a COPY leave it, is copied together with its neighbours.
class RowCopy {
 public:
  /// `rows` are indexes into the batch. What is referred to outlives it.
  RowCopy(const Batch& batch, const WritePlan& plan, std::span<const std::size_t> rows,
          RowHead head);

  /// Appends the next piece; false: it was the last.
  bool next(Buffer& out);

  /// Bytes of all pieces so far.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void append_row(std::size_t row, Buffer& out) const;

  const Batch& batch_;
  const WritePlan& plan_;
  std::span<const std::size_t> rows_;
  RowHead head_;
  bool is_begun_ = false;
  std::size_t bytes_ = 0;
};

}  // namespace rowferry::postgres_sink
