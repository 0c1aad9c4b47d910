#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "core/job_definition.hpp"
#include "core/run_context.hpp"
#include "core/state_store.hpp"
#include "engine/control.hpp"

namespace rowferry {

/// What a board is made of: the whole configuration as far as the engine knows it.
struct BoardDefinition {
  std::vector<ConnectionDefinition> connections;
  std::vector<JobDefinition> jobs;
  std::string version;   ///< for rowferry_build_info
  std::string revision;  ///< for rowferry_build_info
};

/// What the slowest busy job does, for watchdogs: a job that waits for its schedule, a trigger or
/// the end of a backoff is not busy.
struct Progress {
  /// A busy job that made no step forward for this long is hung: every statement and request has a
  /// shorter deadline of its own.
  static constexpr std::chrono::minutes kStuckMax{15};
  std::string job;                              ///< empty: no job is busy
  std::chrono::steady_clock::duration stuck{};  ///< since its last step forward
};

/// How `rowferry run` ended.
struct FinishedRun {
  /// `succeeded`, `failed` or `cancelled`, or `running` when `stop` interrupted it (it goes on when
  /// asked for again).
  Run run;
  /// Runs that had to go on first: what a killed process left.
  std::vector<Run> before;
  /// The last attempt failed at a server that could not be reached or refused us.
  bool is_refused = false;
};

/// What a reload changed: a job that was edited is in both lists.
struct Reloaded {
  std::vector<std::string> ended;
  std::vector<std::string> begun;
};

/// All jobs of the program and what operators can do with them. Used on the event loop only.
///
/// A daemon calls `start`, serves, and calls `stop`. `rowferry run` calls `run_once` alone.
class JobBoard final : public Control {
 public:
  /// The runtime's parts, the store (open, and closed by the caller after `stop`) and the redactor
  /// outlive the board. Nothing is touched yet.
  JobBoard(const Runtime& runtime, StateStore& store, const Redactor& redactor,
           BoardDefinition definition);
  ~JobBoard() override;
  JobBoard(const JobBoard&) = delete;
  JobBoard& operator=(const JobBoard&) = delete;

  /// Reads what the store knows of every job, then starts the jobs and the watch over their
  /// connections. Returns at once even when no server can be reached. Throws Error when the store
  /// cannot be read.
  Task<> start();

  /// Ends everything: batches in flight are finished and committed, runs stay `running` in the
  /// store so that they go on after the restart. False when `grace` was over before; then tasks of
  /// the board are still under way, and the process must end without destroying them (std::_Exit):
  /// nothing is lost by that.
  Task<bool> stop(std::chrono::milliseconds grace);

  /// Follows another configuration, between `start` and `stop`: jobs that were edited, or whose
  /// connections were, end after their batches in flight and begin anew; those that are the same go
  /// on undisturbed. Throws Error when the store cannot be read.
  Task<Reloaded> reload(BoardDefinition next);

  /// Makes one run of a job, without schedules and watchers, and returns when it ended or
  /// `interrupt` was called. `on_progress` is called about twice a second, and may be
  /// empty. Where the job retries for ever, it gives up after 5 minutes here. Throws
  /// RefusedError{conflict} when the job is paused or another process runs it, not_found for an
  /// unknown job, not_built for a run type of later versions.
  Task<FinishedRun> run_once(std::string job, RunRequest request,
                             std::function<void(const RunView&)> on_progress);

  /// Ends `run_once` after the batch in flight, which is committed.
  void interrupt();

  /// How far the job that made no progress for the longest time is stuck.
  [[nodiscard]] Progress progress() const;

  Task<std::vector<JobView>> jobs() override;
  Task<JobView> job(std::string name) override;
  Task<RunView> start_run(std::string job, RunRequest request) override;
  Task<std::vector<RunView>> runs(RunQuery query) override;
  Task<RunView> run(std::int64_t id) override;
  Task<RunView> cancel(std::int64_t id) override;
  Task<JobView> pause(std::string job) override;
  Task<JobView> resume(std::string job) override;
  Task<std::string> checkpoint(std::string job) override;
  Task<std::string> set_checkpoint(std::string job, std::string json) override;
  Task<> erase_checkpoint(std::string job) override;
  Task<std::vector<DeadLetter>> dead_letters(DeadLetterQuery query) override;
  Task<RunView> replay(std::string job, std::string reason) override;
  Task<std::size_t> drop_dead_letters(std::string job, std::string reason) override;
  [[nodiscard]] Readiness readiness() override;
  [[nodiscard]] std::string metrics() override;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry
