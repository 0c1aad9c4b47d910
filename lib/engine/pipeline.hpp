#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/async.hpp"
#include "core/job_definition.hpp"
#include "core/run_context.hpp"
#include "core/sink.hpp"
#include "core/source.hpp"
#include "engine/dead_letters.hpp"
#include "engine/deliver.hpp"
#include "engine/ledger.hpp"
#include "engine/metrics.hpp"
#include "engine/prefetch.hpp"
#include "engine/transform_chain.hpp"

namespace rowferry {

/// How a pass ended, unless it failed.
enum class PassEnd {
  idle,      ///< nothing was found, and nobody asked for a run: nothing was written or saved
  complete,  ///< read to its end, all of it committed
  stopped,   ///< told to stop; what was under way is committed
};

/// What the engine wants to know of a pass while it goes on.
struct PassHooks {
  /// The source is open.
  std::function<void(const SourceOpened& opened)> opened;
  /// The source is open, and there is something to write or the run was asked for: the run must
  /// exist now, and its number stand in the context.
  std::function<Task<>()> begin_run;
  /// Asked once the run exists, before the sink is opened: may ask the sink for its last number.
  std::function<Task<>(const SourceOpened& opened)> check_number;
  std::function<void()> sink_opened;
  /// The counters of the ledger grew by that much, durably.
  std::function<void(const Counters& more)> committed;
  /// Rows are sent again, because the sink said so.
  std::function<void(const std::string& reason)> retried;
  /// Something moved: for the watchdog.
  std::function<void()> moved;
  /// The id of the run, once it exists: for dead letters.
  std::function<std::int64_t()> run_id;
};

/// What a pass works with; everything outlives it.
struct PassParts {
  const Runtime& runtime;
  const JobDefinition& job;
  Source& source;
  Sink& sink;
  TransformChain& transforms;
  Ledger& ledger;
  DeadLetters& dead_letters;
  JobMetrics& metrics;
  RunContext& context;
  /// Notified by the engine when the pass shall stop, and by the pass itself.
  Event& changed;
};

/// One pass of one unit: next, transform, deliver, and when due flush then save. THIS ORDER IS THE
/// DELIVERY GUARANTEE: a position is saved only after the sink made everything before it durable,
/// or the dead letters hold it.
///
/// A reading task fills batches ahead; up to `writes_in_flight` of them are written at once; only
/// the longest finished prefix is committed, under the position of its last batch.
class Pipeline {
 public:
  /// `commit_soon`: the attempt before failed, so that the first progress is worth saving at once.
  Pipeline(const PassParts& parts, PassHooks hooks, bool commit_soon);

  /// Runs the pass. `asked_for`: it is a run also when nothing is found. When it returns or throws,
  /// nothing of it is under way any more; source and sink are still open.
  Task<PassEnd> run(bool asked_for);

  /// After an exception: who failed.
  [[nodiscard]] Side side() const { return side_; }

 private:
  /// A batch that is being written, or was.
  struct Slot {
    BatchPointer batch;
    std::optional<Delivered> delivered;
  };

  Task<PassEnd> pass(bool asked_for);
  Task<SourceOpened> open_source();
  Task<> open_sink(SchemaPointer schema);
  Task<bool> move_batches();
  Task<> stop_moving();
  Task<bool> start_next_write();
  Task<> change_schema();
  Task<> write(Slot& slot);
  Task<> absorb();
  Task<> commit(bool complete);
  Task<> wait_for_change();
  Task<> wind_up();
  void throw_write_failure();
  [[nodiscard]] bool has_more() const;
  [[nodiscard]] bool commit_is_due() const;
  [[nodiscard]] bool commit_is_needed() const;
  [[nodiscard]] bool nothing_to_do() const;
  [[nodiscard]] bool first_is_finished() const;
  [[nodiscard]] DeliveryTools delivery_tools();

  PassParts parts_;
  PassHooks hooks_;
  SinkTraits traits_;
  DeliveryTools tools_;
  Prefetch prefetch_;
  TaskGroup writes_;
  /// Writes under way.
  std::size_t writing_ = 0;
  Side side_ = Side::source;
  std::exception_ptr write_failure_;
  bool write_was_cancelled_ = false;
  SchemaPointer sink_schema_;
  /// A batch that was taken from the reader, but not handed to the sink yet.
  BatchPointer next_;
  /// In the order of reading; the finished ones at the front are taken off by `absorb`.
  std::deque<std::unique_ptr<Slot>> slots_;
  Uncommitted uncommitted_;
  std::size_t started_bytes_ = 0;
  std::size_t started_batches_ = 0;
  SteadyTime commit_after_{};
};

}  // namespace rowferry
