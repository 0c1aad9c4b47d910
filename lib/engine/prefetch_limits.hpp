#pragma once

#include "core/run_context.hpp"
#include "core/sink.hpp"
#include "engine/prefetch.hpp"

namespace rowferry {

/// How far a pass reads ahead of a sink: as many batches as are written at once, and two that wait.
[[nodiscard]] inline Prefetch::Limits prefetch_limits(const SinkTraits& traits,
                                                      const BatchLimits& batch) {
  constexpr std::size_t kBatchesAhead = 2;
  const std::size_t batches = traits.writes_in_flight + kBatchesAhead;
  return {batches, batches * batch.bytes_max};
}

}  // namespace rowferry
