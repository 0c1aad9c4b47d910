#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/job_definition.hpp"
#include "core/state_store.hpp"
#include "engine/ledger.hpp"
#include "engine/live_run.hpp"
#include "engine/metrics.hpp"
#include "engine/run_plan.hpp"

namespace rowferry {

/// Begins and ends the runs of one job in the history.
class RunBook {
 public:
  /// The references outlive it.
  RunBook(const JobDefinition& job, const Runtime& runtime, StateStore& store, JobMetrics& metrics);

  /// A run that stands nowhere yet.
  [[nodiscard]] LiveRun draft(RunType type) const;

  /// Gives the run its number and notes it as running. A job whose definition was edited under
  /// `on_definition_change: full` gets a full run instead.
  Task<> begin(LiveRun& live, const Ledger& ledger, SinkIdentity identity);

  /// Whether columns, where or transforms were edited since all rows were sent.
  [[nodiscard]] bool was_edited(const Ledger& ledger) const;
  /// Whether the job was edited in a way that begins a full run by itself.
  [[nodiscard]] bool must_copy_again(const Ledger& ledger) const;
  /// The next run that begins is a full one: what was copied is not to be trusted.
  void demand_full_copy(const std::string& why);

  /// Called once the source is open: where the history knows no other run of the job and the sink
  /// knows higher numbers (the state was lost), the run gets a number above them. True when it did.
  Task<bool> check_number(LiveRun& live, Sink& sink, std::string table);

  /// Notes that the run ended, and counts it.
  Task<> end(LiveRun& live, RunState state, std::string error);

  /// Saves retries and error of a run that goes on.
  Task<> save(const LiveRun& live);
  /// The store knows of the run afterwards: one that failed before it began has no number yet.
  Task<> ensure_known(LiveRun& live);

  /// Notes a run that another one replaces before it was finished.
  Task<> end_replaced(Run run, std::string why);

 private:
  Task<> replace_by_full(LiveRun& live, const Checkpoint& committed);
  Task<> record_begin(LiveRun& live);
  /// A run that waited while a later one was made gets a number above it.
  Task<> stay_in_order(LiveRun& live);
  void tell_edit_once();
  /// Other runs that worked on the pass of the checkpoint.
  Task<std::vector<Run>> runs_before(const LiveRun& live, const Checkpoint& committed);

  const JobDefinition& job_;
  const Runtime& runtime_;
  StateStore& store_;
  JobMetrics& metrics_;
  bool number_was_checked_ = false;
  bool edit_was_told_ = false;
  bool full_copy_is_demanded_ = false;
};

}  // namespace rowferry
