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

/// Writes rows of a batch as one stream of COPY's binary format, header and trailer included
/// (PostgreSQL manual, COPY, "Binary Format"): `rows` are indexes into the batch. A cell that lies
/// in the block behind its own size, as tuples of a COPY leave it, is copied together with its
/// neighbours.
void encode_rows(const Batch& batch, const WritePlan& plan, std::span<const std::size_t> rows,
                 RowHead head, Buffer& out);

}  // namespace rowferry::postgres_sink
