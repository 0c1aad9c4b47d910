#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/run.hpp"
#include "core/state_store.hpp"
#include "state/yaml_index.hpp"
#include "state/yaml_jobs.hpp"
#include "state/yaml_place.hpp"

namespace rowferry {

/// The runs of a state in YAML: the last finished one and all unfinished ones of a job in its file,
/// older ones in its history. All calls block.
class YamlRuns {
 public:
  /// The references must outlive it.
  YamlRuns(YamlPlace& place, YamlIndex& index, YamlJobs& jobs, std::size_t history_runs)
      : place_(place), index_(index), jobs_(jobs), history_runs_(history_runs) {}

  [[nodiscard]] Run start(Run run);
  void update(const Run& run);
  [[nodiscard]] std::vector<Run> list(const RunQuery& query);
  [[nodiscard]] std::optional<Run> find(std::int64_t id);

 private:
  [[nodiscard]] std::vector<Run> list_job(const std::string& job, const RunQuery& query);
  [[nodiscard]] std::vector<Run> all_runs(const std::string& job, const JobFacts& facts);
  [[nodiscard]] std::optional<Run> find_in(const std::string& job, std::int64_t id);
  void move_to_history(const std::string& job, JobFacts& facts);
  void remember(std::int64_t id, const std::string& job);

  YamlPlace& place_;
  YamlIndex& index_;
  YamlJobs& jobs_;
  std::size_t history_runs_;
  /// Whose the runs are that were seen lately; to find one without looking at every job.
  std::map<std::int64_t, std::string> job_of_;
  /// The lines of the histories that were appended to.
  std::map<std::string, std::size_t> history_lines_;
};

}  // namespace rowferry
