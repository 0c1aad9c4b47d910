#pragma once

#include <cstdint>
#include <string>

#include "core/position.hpp"
#include "core/run.hpp"

namespace rowferry {

/// What a unit of a job needs to go on after a restart. Saved only after the sink made everything
/// before `position` durable, or the dead letters hold it.
struct Checkpoint {
  Position position;
  Receipt receipt;
  /// Totals of this unit since its first run, committed with the position: nothing counts twice.
  Counters totals;
  /// What of `totals` belongs to the run that wrote last.
  Counters run_counters;
  /// The run that wrote last; a killed run goes on under this number.
  std::int64_t run_seq = 0;
  /// The pass of `run_seq` was read to its end: only `finish` may be missing. A killed run that
  /// goes on with such a checkpoint reads nothing again.
  bool complete = false;
  /// The fingerprint of columns, where and transforms that the copy was made under which this
  /// checkpoint goes on from; a row that was not changed since may still be as it said.
  std::string definition;
  /// What the rows were written to, as the configuration names it; empty: not known.
  std::string target;
};

}  // namespace rowferry
