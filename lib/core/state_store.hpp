#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "core/checkpoint.hpp"
#include "core/dead_letter.hpp"
#include "core/run.hpp"

namespace rowferry {

/// Keeps one checkpoint a unit. Implemented by the state stores, and by sinks that commit the
/// checkpoint with the rows.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;

  /// The checkpoint of a unit. A damaged one falls back to the generation before it, or throws
  /// Error{internal} and says so: never "from the beginning" in silence.
  virtual Task<std::optional<Checkpoint>> load(std::string job, std::string unit) = 0;

  /// Replaces the checkpoint; atomic, and durable when it returns.
  virtual Task<> save(std::string job, std::string unit, Checkpoint checkpoint) = 0;

  virtual Task<> erase(std::string job, std::string unit) = 0;

  /// The units of a job that have a checkpoint.
  virtual Task<std::vector<std::string>> units(std::string job) = 0;
};

/// Which runs to list: newest first, at most `limit`, with ids below `before`.
struct RunQuery {
  std::optional<std::string> job;
  std::optional<RunState> state;
  std::size_t limit = 100;
  std::optional<std::int64_t> before;
};

/// Who else may use the store while it is open.
enum class StoreAccess {
  exclusive,  ///< the daemon: no other daemon
  shared,     ///< one run in the foreground, also beside a daemon; jobs are locked one by one
};

/// Everything that must survive a restart. Calls may be made from several tasks; each is atomic
/// and durable when it returns. Throws Error{internal} when the medium fails (disk full) and the
/// caller must not go on.
class StateStore : public CheckpointStore {
 public:
  /// Opens the store, and for exclusive access locks it: throws Error{config} when another process
  /// holds that lock.
  virtual Task<> open(StoreAccess access = StoreAccess::exclusive) = 0;
  /// Gives all locks back. Never throws.
  virtual Task<> close() = 0;

  /// Locks one job against other processes for the time that it runs (`rowferry run` beside a
  /// daemon). False when held. What another process changed meanwhile (checkpoint, mark) must be
  /// loaded again once the lock is ours. The death of a process frees its locks.
  virtual Task<bool> try_lock_job(std::string job) = 0;
  /// Gives the lock of a job back; harmless when it is not held.
  virtual Task<> unlock_job(std::string job) = 0;

  /// Starts a run: gives it an id and the job's next run_seq (0 in `run` asks for a new one), state
  /// as given; a run_seq that is given (a killed run that goes on) is kept. Finished runs of the
  /// job beyond `history_runs` are forgotten; numbers are never reused.
  virtual Task<Run> start_run(Run run) = 0;
  virtual Task<> update_run(Run run) = 0;
  virtual Task<std::vector<Run>> runs(RunQuery query) = 0;
  virtual Task<std::optional<Run>> run(std::int64_t id) = 0;

  /// Raises the job's last used run_seq to at least `run_seq` (found in a sink after a lost state).
  virtual Task<> raise_run_seq(std::string job, std::int64_t run_seq) = 0;

  /// The mark below which sequence numbers of the job may have been used; never goes back.
  virtual Task<std::int64_t> sequence_mark(std::string job) = 0;
  virtual Task<> save_sequence_mark(std::string job, std::int64_t mark) = 0;

  virtual Task<bool> paused(std::string job) = 0;
  virtual Task<> set_paused(std::string job, bool paused) = 0;

  /// Adds letters, or replaces those of the same (job, unit, key): `tries` then counts up.
  virtual Task<> add_dead_letters(std::vector<DeadLetter> letters) = 0;
  /// Newest first; `reason` filters by a part of the text.
  virtual Task<std::vector<DeadLetter>> dead_letters(DeadLetterQuery query) = 0;
  /// Identity and bytes of all letters of a job, in any order.
  virtual Task<std::vector<DeadLetterEntry>> dead_letter_index(std::string job) = 0;
  virtual Task<DeadLetterTotals> dead_letter_totals(std::string job) = 0;
  /// Removes letters whose key was delivered since, or that an operator dropped.
  virtual Task<> erase_dead_letters(std::string job, std::vector<std::string> ids) = 0;
};

}  // namespace rowferry
