#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "core/job_definition.hpp"
#include "engine/control.hpp"
#include "engine/runner.hpp"
#include "engine/timetable.hpp"

namespace rowferry {

/// One job: when it runs, what was asked of it, and what state it is in. Used on the event loop
/// only.
class Job {
 public:
  /// Nothing is touched. Throws Error{config} for a schedule that cannot be.
  Job(JobDefinition definition, JobParts parts);

  [[nodiscard]] const JobDefinition& definition() const { return definition_; }
  [[nodiscard]] const std::string& name() const { return definition_.settings.name; }

  /// Where the job retries for ever, it gives up after `limit`.
  void limit_patience(std::chrono::milliseconds limit) { runner_.limit_patience(limit); }

  /// Reads what the store knows of the job. Throws Error when it cannot be read.
  Task<> load();
  /// Makes executions when they are due or asked for, until `ask_stop`. Never throws. The first
  /// poll is due after `first_delay`.
  Task<> serve(std::chrono::milliseconds first_delay);
  /// Ends `serve` after the batch in flight; a run that goes on stays `running` in the store.
  void ask_stop();
  /// Makes the runs that were asked for, or were left by a killed process, one after the other; in
  /// this order. Ends with one that does not succeed. Instead of `serve`.
  Task<std::vector<Run>> run_asked();
  /// Whether the last attempt failed at a server that could not be reached or refused us.
  [[nodiscard]] bool is_refused() const;

  /// Asks for a run. Throws RefusedError.
  Task<RunView> start_run(RunRequest request);
  /// Whether a run waits or goes on in this process.
  [[nodiscard]] bool has_run(std::int64_t run_id) const;
  /// Cancels a run of this job; false when it is not in the hands of this process.
  Task<bool> cancel(std::int64_t run_id);
  /// Returns when the batch in flight has ended, or after a few seconds.
  Task<> pause();
  Task<> resume();

  /// See Control.
  Task<std::string> checkpoint();
  Task<std::string> set_checkpoint(std::string json);
  Task<> erase_checkpoint();
  Task<std::size_t> drop_dead_letters(std::string reason);

  [[nodiscard]] bool is_paused() const { return is_paused_; }
  [[nodiscard]] JobState state() const;
  /// Why the last attempt failed; empty: it did not.
  [[nodiscard]] const std::string& last_error() const { return runner_.health().last_error; }
  Task<JobView> view();
  /// The run of that id as far as it is known only here.
  [[nodiscard]] std::optional<RunView> live_run(std::int64_t id) const;
  /// The run that goes on now.
  [[nodiscard]] std::optional<RunView> live_run() const;
  /// The last step forward of a job that is busy.
  [[nodiscard]] std::optional<SteadyTime> last_step() const;
  /// Sets the metrics that change with time alone.
  void refresh_metrics();
  /// The job is over and will not come back in this form.
  void retire_metrics() { parts_.metrics.retire(); }

 private:
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] bool sweep_is_due() const;
  [[nodiscard]] Wish::Kind next_wish() const;
  [[nodiscard]] bool is_manual() const;
  /// Whether the lock is kept between executions.
  [[nodiscard]] bool keeps_lock() const;
  Task<> execute(Wish::Kind kind);
  Task<> put_back_interrupted_run();
  Task<> wait_until_due();
  Task<> give_lock_back();
  Task<> look_for_leftovers();
  Task<> refresh();

  // job_repair.cpp
  Task<> need_rest();

  // job_requests.cpp
  Task<std::optional<LiveRun>> choose(Choice choice);
  [[nodiscard]] const LiveRun* next_in_queue(bool only_sync) const;
  Task<> enqueue_due_sweep();
  Task<> adopt_leftovers();
  Task<std::vector<Run>> find_leftovers();
  Task<RunView> run_elsewhere(RunType type);
  void refuse_wrong_request(const RunRequest& request) const;
  [[nodiscard]] std::optional<RunView> known_run(RunType type) const;
  Task<> wake_interrupted_run(RunType asked);
  Task<RunView> enqueue(RunRequest request);
  Task<> end_waiting(LiveRun live);
  void begin_soon();

  JobDefinition definition_;
  JobParts parts_;
  Runner runner_;
  Timetable timetable_;
  /// Of the sweeps that nobody asks for.
  std::optional<Timetable> sweeps_;
  /// Something was asked for, or an execution ended.
  Event changed_;
  /// One request at a time: each looks at the store and then changes it.
  AsyncMutex requests_;
  /// Runs that were asked for or go on, in the order in which they will be made.
  std::deque<LiveRun> queue_;
  /// The unfinished run of a manual job: it goes on when it is asked for again.
  std::optional<LiveRun> interrupted_;
  std::optional<Run> last_run_;
  /// The lock was not ours: another process may have left a run.
  bool must_look_ = true;
  bool is_refreshing_ = false;
  bool is_paused_ = false;
  bool is_failed_ = false;
  bool is_stopping_ = false;
  bool is_executing_ = false;
};

}  // namespace rowferry
