#pragma once

#include <cstdint>
#include <string>

#include "state/job_facts.hpp"
#include "state/yaml_index.hpp"
#include "state/yaml_place.hpp"

namespace rowferry {

/// What a state in YAML knows of each job, one file a job. All calls block.
class YamlJobs {
 public:
  /// Both must outlive it.
  YamlJobs(YamlPlace& place, YamlIndex& index) : place_(place), index_(index) {}

  /// The facts of a job, or what a job has that was never heard of. After damage the numbers that
  /// must not come twice are above those that the lost generation may have used.
  [[nodiscard]] JobFacts read(const std::string& job);

  void save(const std::string& job, const JobFacts& facts);

  void set_paused(const std::string& job, bool paused);
  void raise_run_seq(const std::string& job, std::int64_t run_seq);
  void raise_sequence_mark(const std::string& job, std::int64_t mark);

 private:
  void save_twice(const std::string& job, const JobFacts& facts);
  [[nodiscard]] JobFacts rebuild(const std::string& job);
  void take_up_checkpoint(const std::string& job, const std::filesystem::path& path,
                          JobFacts& facts);

  YamlPlace& place_;
  YamlIndex& index_;
};

}  // namespace rowferry
