#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/job_definition.hpp"
#include "core/run_context.hpp"
#include "core/sink.hpp"

namespace rowferry {

/// What became of a batch, all of whose rows were taken or refused for good.
struct Delivered {
  Counters counters;
  /// The refused rows, in the order of the batch, those that the source found unfit among them.
  std::vector<RowIssue> rejected;
};

/// What delivering needs of its surroundings; the references outlive the call.
struct DeliveryTools {
  Sink& sink;
  const Runtime& runtime;
  const RetryPolicy& retry;
  StopToken stop;
  /// Told after each write, with its duration.
  std::function<void(std::chrono::steady_clock::duration)> on_write;
  /// Told each time that rows are sent again, with the server's words.
  std::function<void(const std::string& reason)> on_retry;
};

/// Writes a batch until each of its rows was taken or refused for good. Rows that the sink wants
/// again (429, 503) are sent again alone, after a backoff; a batch that is refused as a whole (too
/// large, or rejected without a row's name) is halved until a row stands alone. Throws what the
/// sink throws otherwise, Error{transient} when rows were wanted again for ten seconds without any
/// being taken, and Error{cancelled} when the run stops while rows wait to be sent again.
Task<Delivered> deliver(const Batch& batch, const DeliveryTools& tools);

}  // namespace rowferry
