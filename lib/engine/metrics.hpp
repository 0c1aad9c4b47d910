#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/run.hpp"
#include "engine/control.hpp"

namespace rowferry {

/// Which side of a job failed.
enum class Side { source, sink, state };
[[nodiscard]] std::string_view to_string(Side side);

/// The numbers of one job. Counters count durable rows only.
class JobMetrics {
 public:
  struct Body;
  explicit JobMetrics(std::unique_ptr<Body> body);
  ~JobMetrics();
  JobMetrics(const JobMetrics&) = delete;
  JobMetrics& operator=(const JobMetrics&) = delete;

  /// The totals of the job as they are durable now: counters rise by what is new in them, and never
  /// fall (a copy that starts over counts again only beyond what was counted).
  void publish_totals(const Counters& totals);

  /// An attempt failed, or rows were sent again. `reason` is a short word, never data.
  void count_retry(Side side, std::string_view reason);
  void count_run(RunType type, RunState outcome, std::chrono::steady_clock::duration duration);
  void observe_write(std::chrono::steady_clock::duration duration);
  /// The job is gone: its gauges vanish, its counters stay. Nothing may be set afterwards.
  void retire();

  void set_look_back(double seconds);
  void set_dead_letters(std::size_t rows);

  /// What changes with time alone, set before the metrics are read.
  void set_state(JobState state);
  void set_lag(double seconds);
  void set_last_success(WallTime time);

 private:
  std::unique_ptr<Body> body_;
};

/// All metrics of the program (the families of the contract), in Prometheus' model. Every family is
/// there from the start, at 0 for each job.
class Metrics {
 public:
  Metrics(std::string_view version, std::string_view revision);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// The metrics of a job; outlived by this object.
  [[nodiscard]] std::unique_ptr<JobMetrics> add_job(const std::string& job);
  void add_connection(const std::string& connection);
  void remove_connection(const std::string& connection);

  void set_connection_up(const std::string& connection, bool up);
  void observe_state_save(std::chrono::steady_clock::duration duration);

  /// Prometheus' text format, version 0.0.4.
  [[nodiscard]] std::string to_text() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry
