#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/checkpoint.hpp"
#include "state/yaml_jobs.hpp"
#include "state/yaml_place.hpp"

namespace rowferry {

/// The checkpoints of a state in YAML, one file a unit: a save writes that file alone. All calls
/// block.
class YamlCheckpoints {
 public:
  /// Both must outlive it.
  YamlCheckpoints(YamlPlace& place, YamlJobs& jobs) : place_(place), jobs_(jobs) {}

  /// Throws Error{config} with the reason "corrupt" when the checkpoint is damaged, or when the job
  /// has one and its files are gone.
  [[nodiscard]] std::optional<Checkpoint> load(const std::string& job, const std::string& unit);

  void save(const std::string& job, const std::string& unit, const Checkpoint& checkpoint);
  void erase(const std::string& job, const std::string& unit);
  [[nodiscard]] std::vector<std::string> units(const std::string& job);

 private:
  YamlPlace& place_;
  YamlJobs& jobs_;
};

}  // namespace rowferry
