#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/async.hpp"
#include "core/job_definition.hpp"
#include "core/sink.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// The finished prefix of a pass that is not committed yet.
struct Uncommitted {
  Position position;  ///< behind the last batch of it
  Counters counters;
  std::size_t batches = 0;
};

/// What of one unit of a job is durable, and the only place that moves its checkpoint.
class Ledger {
 public:
  /// Told how long each save of the store took.
  using OnSave = std::function<void(std::chrono::steady_clock::duration)>;

  /// The references outlive it.
  Ledger(const Runtime& runtime, StateStore& store, std::string job, std::string unit,
         OnSave on_save);

  [[nodiscard]] const std::string& unit() const { return unit_; }

  /// Reads the checkpoint of the local store: for display, and where the sink keeps none.
  Task<> load();
  /// Reads the checkpoint of the sink, where it keeps them; the local store follows its truth.
  Task<> load_from(Sink& sink);

  /// The unit goes on with, or begins, its part of a run. `from_start`: a run that has committed
  /// nothing yet forgets the position. A run that has goes on behind its last commit.
  void begin_run(std::int64_t run_seq, bool from_start);
  /// No run uses the ledger: what the last one wrote counts as its position, nothing goes on.
  void leave_run() { run_seq_ = 0; }

  /// Whether the run that was begun has committed something before.
  [[nodiscard]] bool goes_on() const { return run_seq_ != 0 && stored_.run_seq == run_seq_; }
  /// Whether the run that was begun has read everything before: only `finish` is missing.
  [[nodiscard]] bool is_complete() const { return goes_on() && stored_.complete; }

  /// The source could not go on in the middle of this run: what the run counted counts no more.
  void start_over();

  /// What the checkpoint says was written is not where the job writes now: the next pass begins
  /// with a first copy. The store still holds the old checkpoint until that has committed.
  void forget_target();

  /// Where the source is opened.
  [[nodiscard]] const Position& position() const { return position_; }
  /// An idle poll ended at a newer position with nothing before it: the next one begins there.
  void set_idle_position(Position position) { position_ = std::move(position); }

  /// The checkpoint behind `work`, to be flushed with. `complete`: the pass was read to its end.
  [[nodiscard]] Checkpoint draft(Uncommitted work, bool complete, const JobDefinition& job) const;
  /// The sink has flushed: the checkpoint is saved and is from now on the last committed one.
  Task<> record(Checkpoint flushed, Receipt receipt);

  /// Saves the sink's note beside the last committed checkpoint.
  Task<> save_receipt(Receipt receipt);

  /// Whether a checkpoint exists.
  [[nodiscard]] bool exists() const { return exists_; }
  /// The last committed checkpoint.
  [[nodiscard]] const Checkpoint& committed() const { return stored_; }
  [[nodiscard]] const Counters& totals() const { return totals_; }
  /// What the run of that number has counted here: nothing when it wrote nothing here yet.
  [[nodiscard]] Counters counters_of(std::int64_t run_seq) const {
    const bool same = run_seq_ == 0 ? stored_.run_seq == run_seq : run_seq_ == run_seq;
    return same ? run_counters_ : Counters{};
  }

 private:
  void take_up(std::optional<Checkpoint> checkpoint);
  Task<> save(Checkpoint checkpoint);

  const Runtime& runtime_;
  StateStore& store_;
  std::string job_;
  std::string unit_;
  OnSave on_save_;
  AsyncMutex saving_;
  Checkpoint stored_;
  bool exists_ = false;
  std::int64_t run_seq_ = 0;
  /// The run that was begun reads from the beginning.
  bool is_copy_ = false;
  Position position_;
  Counters totals_;
  Counters run_counters_;
};

/// `left` less `right`, number by number.
[[nodiscard]] Counters operator-(Counters left, const Counters& right);
[[nodiscard]] Counters operator+(Counters left, const Counters& right);

}  // namespace rowferry
