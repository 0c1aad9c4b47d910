#pragma once

#include <cstdint>
#include <optional>

#include "engine/control.hpp"
#include "engine/rate_meter.hpp"
#include "engine/run_plan.hpp"

namespace rowferry {

/// The run that this process is making, as far as it is known only here.
struct LiveRun {
  Run run;
  /// It stands in the history as running, and has its number.
  bool begun = false;
  /// Once begun: where it begins.
  RunPlan plan;
  /// It was begun by a process (or before a pause) that left it unfinished.
  bool goes_on = false;
  /// What earlier runs counted of the same pass, where runs share a run_seq.
  Counters counted_before;
  RateMeter rate;
  std::optional<std::int64_t> rows_expected;

  /// As the API shows it.
  [[nodiscard]] RunView view(SteadyTime now) const;
};

}  // namespace rowferry
