#pragma once

#include <cstdint>

#include "core/checkpoint.hpp"
#include "core/run.hpp"
#include "core/sink.hpp"

namespace rowferry {

/// What decides where a run begins.
struct RunPlanInput {
  RunType type = RunType::sync;
  /// The number of the run; 0: it has none yet.
  std::int64_t run_seq = 0;
  /// The job sends changes only.
  bool incremental = true;
  SinkIdentity identity = SinkIdentity::row;
  /// The last committed checkpoint.
  Checkpoint committed;
  /// Another run of the number of `committed` read everything from the beginning.
  bool committed_by_full_copy = false;
};

/// Where a run begins and what it is to the sink.
struct RunPlan {
  /// The number to run under; 0: a new one.
  std::int64_t run_seq = 0;
  /// Reads everything, from the beginning; see RunContext.
  bool full_copy = false;
  /// Forgets the committed position, unless the run itself has committed it.
  bool from_start = false;
};

/// Whether a run of that type, once it succeeded, leaves the sink as the source was when it began:
/// replays and sweeps look at other rows than those that changed since.
[[nodiscard]] bool reads_all_changes(RunType type);

/// Whether the last pass was not read to its end (its run was cancelled, failed, or goes on).
[[nodiscard]] bool is_unfinished(const Checkpoint& committed);

/// Decides where a run begins. Objects belong to a run, and count only once the manifest of that
/// run names them: so on a sink whose identity is the run, a sync after an unfinished pass goes on
/// with that pass, under its number. Everywhere else a run has a number of its own.
[[nodiscard]] RunPlan plan_run(const RunPlanInput& input);

}  // namespace rowferry
