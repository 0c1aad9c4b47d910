#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/async.hpp"
#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "core/position.hpp"
#include "core/run.hpp"
#include "core/sequence.hpp"

namespace rowferry {

/// What every connector may use; owned by the application, outlives all connectors.
struct Runtime {
  boost::asio::any_io_executor executor;
  WorkerPool& workers;
  const Clock& clock;
  Log& log;
};

/// How large one batch may get: the first limit reached ends it.
struct BatchLimits {
  std::size_t rows_max = 5000;
  std::size_t bytes_max = 8u << 20;
};

/// The window of a backfill or partition, in the words it was asked for; empty: unbounded.
struct Window {
  std::string from;
  std::string to;
};

/// What a source or sink is told about the run it serves. References outlive open .. close.
struct RunContext {
  std::string job;
  /// What has its own checkpoint: a table of a whole database, a partition, a watched table of a
  /// document, the index of a rebuild. Empty: the job's only unit.
  std::string unit;
  /// 0 while nothing has been found that would need a run (an idle poll).
  std::int64_t run_seq = 0;
  RunType type = RunType::sync;
  Window window;
  WallTime started{};
  /// The source could not go on where the killed run ended and starts this run over: a sink whose
  /// identity is the run deletes what the receipt names.
  bool starts_over = false;
  /// This run reads everything, from the beginning: a run of type full, or any run of a job without
  /// a cursor. What an object store held before is replaced by what the run writes. A new run_seq
  /// with this set never goes on in the middle of an older copy.
  bool full_copy = false;
  /// A full copy after columns, where or transforms were edited, into a sink that knows rows: those
  /// that `where` does not select are sent as removals, for the sink may hold them.
  bool removes_unselected = false;
  /// The sink knows rows by their identity: it can take removals.
  bool sink_knows_rows = false;
  /// Of a full copy: the position that it replaces; empty: none.
  Position replaced = {};
  BatchLimits limits;
  StopToken stop;
  SequenceAllotter* sequence = nullptr;
  /// Saves a sink's note durably, between flushes, beside the last committed checkpoint (intents).
  std::function<Task<>(const Receipt&)> save_receipt;
};

}  // namespace rowferry
