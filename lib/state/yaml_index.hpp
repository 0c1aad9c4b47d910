#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "state/yaml_place.hpp"

namespace rowferry {

/// The file that `daemon.state.path` names: which jobs have state, so that a folder that was lost
/// is missed, and the last number of a run. All calls block.
class YamlIndex {
 public:
  /// The place must outlive it.
  explicit YamlIndex(YamlPlace& place);

  /// Makes the index when there is none; from the folders of the jobs when these are there.
  void open();

  /// The next number of a run; durable when it returns.
  [[nodiscard]] std::int64_t next_run_id();

  /// Notes that a job has state. Cheap when it is known.
  void add_job(const std::string& job);

  [[nodiscard]] std::set<std::string> jobs();
  [[nodiscard]] bool knows(const std::string& job);

 private:
  struct Content {
    std::int64_t last_run_id = 0;
    std::set<std::string> jobs;
  };

  [[nodiscard]] std::optional<Content> read();
  [[nodiscard]] Content read_known();
  [[nodiscard]] Content rebuild();
  void save(const Content& content);

  YamlPlace& place_;
  YamlFile file_;
  /// Jobs are never taken out of the index.
  std::set<std::string> seen_;
};

}  // namespace rowferry
