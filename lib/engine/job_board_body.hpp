#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "engine/connection_watch.hpp"
#include "engine/job.hpp"
#include "engine/job_board.hpp"
#include "engine/metrics.hpp"

namespace rowferry {

/// The inside of a job board.
struct JobBoard::Body {
  Body(const Runtime& runtime_parts, StateStore& state, const Redactor& secrets,
       BoardDefinition board);

  void make_connections();
  void add_job(const JobDefinition& job);
  /// Whether an unpaused job uses that connection.
  [[nodiscard]] bool is_needed(const std::string& connection) const;
  /// Throws RefusedError{not_found}. Whoever holds the job outlives a reload that removes it.
  std::shared_ptr<Job> find(const std::string& name) const;
  /// The run as it is known here if it goes on, else as the store knows it.
  [[nodiscard]] RunView current(const Run& run) const;
  /// Throws RefusedError{not_found}.
  Task<Run> find_run(std::int64_t id);
  Task<> serve(std::shared_ptr<Job> job, std::chrono::milliseconds first_delay);
  void start_job(const std::shared_ptr<Job>& job, std::chrono::milliseconds first_delay);

  // job_board_reload.cpp
  [[nodiscard]] bool must_leave(const Job& job, const BoardDefinition& next) const;
  Task<> let_leave(std::vector<std::shared_ptr<Job>> leaving);
  Task<> follow_connections(const BoardDefinition& next);
  Task<std::vector<std::string>> add_new_jobs();
  Task<> end_all();
  Task<> show_progress(const Job& job, std::function<void(const RunView&)> on_progress);

  const Runtime& runtime;
  StateStore& store;
  const Redactor& redactor;
  BoardDefinition definition;
  Metrics metrics;
  ConnectionWatch watch;
  std::map<std::string, std::shared_ptr<Connection>> connections;
  std::vector<std::unique_ptr<JobMetrics>> job_metrics;
  std::vector<std::shared_ptr<Job>> jobs;
  /// Jobs whose `serve` goes on, and told when one ends.
  std::set<const Job*> serving;
  Event left;
  /// One reload at a time.
  AsyncMutex reloading;
  TaskGroup tasks;
  TaskGroup closing;
  /// Everything, or a run in the foreground, has ended.
  Event ended;
  bool has_ended = false;
  bool is_started = false;
  bool is_stopping = false;
};

}  // namespace rowferry
