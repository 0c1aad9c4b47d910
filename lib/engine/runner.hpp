#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/async.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "core/job_definition.hpp"
#include "core/sequence.hpp"
#include "core/state_store.hpp"
#include "engine/checkpoint_json.hpp"
#include "engine/connectors.hpp"
#include "engine/dead_letters.hpp"
#include "engine/ledgers.hpp"
#include "engine/live_run.hpp"
#include "engine/metrics.hpp"
#include "engine/patience.hpp"
#include "engine/pipeline.hpp"
#include "engine/run_book.hpp"

namespace rowferry {

/// What a job is built from; everything referred to outlives it.
struct JobParts {
  const Runtime& runtime;
  StateStore& store;
  const Redactor& redactor;
  JobMetrics& metrics;
  /// Told how long each save of a checkpoint took.
  Ledger::OnSave on_save;
  std::shared_ptr<Connection> source_connection;
  std::shared_ptr<Connection> sink_connection;
  /// Told that an attempt failed on that connection.
  std::function<void(const std::string& connection)> on_trouble;
};

/// How an execution ended.
enum class Outcome {
  idle,         ///< nothing was found
  succeeded,    ///< the run is finished
  cancelled,    ///< the run is finished, by an operator
  interrupted,  ///< told to stop; the run, if there was one, goes on later
  failed,       ///< waits for a person
};

/// Why an execution shall stop: a cancelled run ends, an interrupted one goes on later.
enum class StopReason { interrupt, cancel };

/// What an execution wants to know of the runs that wait.
struct Choice {
  /// An attempt failed: the store may hold a run that nobody heard of.
  bool look_again = false;
  /// The pass is a poll that goes on already: only a sync can be made of it.
  bool only_sync = false;
};

/// What shall be executed.
struct Wish {
  enum class Kind {
    poll,    ///< a pass; a run only when something is found
    run,     ///< a run also when nothing is found
    chosen,  ///< what `choose` gives, or nothing at all
  } kind = Kind::poll;
  /// Asked while there is no run: one that was asked for or goes on. The job is locked then.
  std::function<Task<std::optional<LiveRun>>(Choice choice)> choose;
};

/// What operators want to know of a job beside its run.
struct JobHealth {
  /// When a pass began that then succeeded: what the source was then, the sink is.
  std::optional<WallTime> synced_at;
  std::optional<WallTime> last_success;
  /// Empty after a success.
  std::string last_error;
  /// What could be done about the last attempt that failed.
  std::optional<Failure> last_failure;
  /// What the source promised when it was opened last.
  std::string guarantee;
  /// The job waits for this time to make the next attempt.
  std::optional<WallTime> next_attempt_at;
  /// The last attempt failed, and none has got anywhere since.
  bool backing_off = false;
  /// The last step forward of the execution; nothing while nothing is executed or it waits.
  std::optional<SteadyTime> last_step;
};

/// Executes passes of one job: begins and ends runs, and makes attempts until one succeeds, with a
/// backoff between them. One execution at a time; used on the event loop only.
class Runner {
 public:
  Runner(const JobDefinition& job, JobParts parts);

  /// Where the job retries for ever, it gives up after `limit`.
  void limit_patience(std::chrono::milliseconds limit) { patience_.limit(limit); }

  /// Reads what the local store knows, for display.
  Task<> load();

  /// Takes the job's lock; then everything is read afresh. False when another process holds it.
  Task<bool> take_lock();
  [[nodiscard]] bool is_locked() const { return is_locked_; }
  /// Gives the lock back, so that another process may run the job.
  Task<> release_lock();

  /// Replaces all checkpoints. The lock is ours and nothing is executed. Throws
  /// RefusedError{bad_request}, and has changed nothing, when a position is none of the source's.
  Task<> set_checkpoints(Checkpoints wanted);
  /// Learns which letters the store holds.
  Task<> reload_dead_letters();

  /// Executes a wish until it succeeded, was stopped or waits for a person. Never throws.
  Task<Outcome> execute(Wish wish);
  /// Ends the execution after the batch in flight.
  void stop(StopReason reason);
  /// Ends a wait between two attempts.
  void hurry();

  /// Closes source and sink and gives the lock back. Never throws. Not during an execution.
  Task<> close();

  /// The run of this execution; after an interrupted one still that run, else nothing.
  [[nodiscard]] const std::optional<LiveRun>& live() const { return live_; }
  /// Takes the interrupted run out, to give it back with a later wish.
  [[nodiscard]] std::optional<LiveRun> take_live();
  /// The run that this execution ended.
  [[nodiscard]] const std::optional<Run>& ended() const { return ended_; }
  [[nodiscard]] const JobHealth& health() const { return health_; }
  [[nodiscard]] const Ledgers& ledgers() const { return ledgers_; }
  [[nodiscard]] std::size_t dead_letters() const { return dead_letters_.rows(); }
  [[nodiscard]] RunBook& book() { return book_; }

 private:
  struct Attempt {
    std::optional<PassEnd> end;
    std::optional<Error> error;
  };

  Task<Attempt> attempt();
  Task<PassEnd> try_once();
  Task<PassEnd> run_units();
  Task<PassEnd> run_unit(std::string unit, bool asked_for);
  Task<> choose_run(bool only_sync);
  [[nodiscard]] bool is_replay() const;
  [[nodiscard]] Source& source();
  Task<> take_replay_source(std::string unit);
  Task<> close_replay_source();
  Task<> prepare();
  [[noreturn]] void refuse_locked() const;
  void make_connectors();
  Task<> read_state();
  void follow_target(Ledger& ledger);
  Task<> begin_run(Ledger& ledger);
  Task<> check_number(Ledger& ledger, const SourceOpened& opened);
  void tell_context(Ledger& ledger);
  Task<> finish();

  [[nodiscard]] PassHooks hooks(Ledger& ledger);
  void note_opened(const SourceOpened& opened);
  void note_commit(const Counters& more);
  void count_run();
  void count_retry(Side side, std::string_view reason);
  void step();
  void succeed();

  Task<std::optional<Outcome>> after_failure(Error error);
  Task<Outcome> stopped();
  Task<Outcome> fail(std::string text);
  Task<> end_run(RunState state, std::string error);
  Task<> save_failure();
  Task<> wait_before_retry(std::chrono::milliseconds wait);
  Task<> close_connectors();

  const JobDefinition& job_;
  JobParts parts_;
  /// Something happened that the execution must look at.
  Event changed_;
  RunBook book_;
  Ledgers ledgers_;
  DeadLetters dead_letters_;
  Patience patience_;
  JobHealth health_;
  std::unique_ptr<SequenceAllotter> sequence_;
  std::unique_ptr<Connectors> connectors_;
  /// What a replay reads instead of the job's source; lives no longer than that.
  std::unique_ptr<Source> replay_;
  RunContext context_;

  Wish wish_;
  std::optional<LiveRun> live_;
  std::optional<Run> ended_;
  AsyncMutex locking_;
  bool is_locked_ = false;
  bool must_read_ = true;
  Side side_ = Side::state;
  WallTime pass_began_{};
  std::optional<StopReason> stop_reason_;
  bool is_hurried_ = false;
};

}  // namespace rowferry
