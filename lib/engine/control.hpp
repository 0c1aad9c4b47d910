#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "core/dead_letter.hpp"
#include "core/run.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// What a job does now; see the contract for what each word means.
enum class JobState { waiting, running, backing_off, paused, failed };
[[nodiscard]] std::string_view to_string(JobState state);

/// A job as the API shows it.
struct JobView {
  std::string name;
  JobState state = JobState::waiting;
  std::string source;
  std::string sink;
  std::string schedule;
  std::optional<WallTime> next_run_at;
  /// Seconds since the sink was last known to equal the source; nothing before the first success.
  std::optional<double> lag_seconds;
  /// The checkpoint as JSON: what GET /checkpoint answers.
  std::string checkpoint_json;
  std::optional<Run> last_run;
  Counters totals;
  std::string guarantee;
  std::string last_error;
};

/// A run with what is known only while it goes on.
struct RunView {
  Run run;
  std::int64_t run_rows_per_second = 0;
  std::optional<std::int64_t> rows_expected;
  std::optional<double> eta_seconds;
};

/// What an operator asks for; dates in the words they were given.
struct RunRequest {
  RunType type = RunType::sync;
  std::string from;
  std::string to;
  std::string reason;  ///< of a replay: a part of the reasons of the letters
};

/// What is not ready, and why; empty lists: ready.
struct Readiness {
  struct Item {
    std::string name;
    std::string reason;
  };
  std::vector<Item> connections;
  std::vector<Item> jobs;
  /// Jobs that wait for a person, and jobs that try again; neither alone makes us unready.
  std::vector<Item> failed_jobs;
  std::vector<Item> backing_off_jobs;
};

/// Why a request of an operator was not carried out.
enum class Refusal { not_found, conflict, not_built, bad_request };

/// Thrown by Control for what the caller asked wrongly; the text is fit for the answer.
class RefusedError : public std::runtime_error {
 public:
  RefusedError(Refusal refusal, const std::string& text)
      : std::runtime_error(text), refusal_(refusal) {}
  [[nodiscard]] Refusal refusal() const { return refusal_; }

 private:
  Refusal refusal_;
};

/// Everything that operators can see and do: the only part of the engine that the API knows. All
/// calls are made on the event loop.
class Control {
 public:
  virtual ~Control() = default;

  virtual Task<std::vector<JobView>> jobs() = 0;
  virtual Task<JobView> job(std::string name) = 0;

  /// Starts a run, or returns the sync that is running already.
  virtual Task<RunView> start_run(std::string job, RunRequest request) = 0;
  virtual Task<std::vector<RunView>> runs(RunQuery query) = 0;
  virtual Task<RunView> run(std::int64_t id) = 0;
  /// Asks a run to stop after the batch in flight; a finished one is a conflict.
  virtual Task<RunView> cancel(std::int64_t id) = 0;

  virtual Task<JobView> pause(std::string job) = 0;
  virtual Task<JobView> resume(std::string job) = 0;

  /// The checkpoint as JSON, or `null`.
  virtual Task<std::string> checkpoint(std::string job) = 0;
  /// Replaces the checkpoint by what `checkpoint` gave once. Only while the job is paused. Sequence
  /// marks never go back.
  virtual Task<std::string> set_checkpoint(std::string job, std::string json) = 0;
  /// Forgets the checkpoint: the next run begins with a first copy. Only while the job is paused.
  virtual Task<> erase_checkpoint(std::string job) = 0;

  virtual Task<std::vector<DeadLetter>> dead_letters(DeadLetterQuery query) = 0;
  /// Starts a run that reads the rows of dead letters again by their keys and writes what they are
  /// now. With a `reason` only letters whose reason contains it.
  virtual Task<RunView> replay(std::string job, std::string reason) = 0;
  /// Forgets letters for good, with a `reason` only those whose reason contains it. How many.
  virtual Task<std::size_t> drop_dead_letters(std::string job, std::string reason) = 0;

  [[nodiscard]] virtual Readiness readiness() = 0;
  /// The metrics in Prometheus' text format.
  [[nodiscard]] virtual std::string metrics() = 0;
};

}  // namespace rowferry
