#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "state/yaml_file.hpp"

namespace rowferry {

/// Where the parts of a state in YAML lie, and how they are read: the index in the file that the
/// configuration names, everything of a job in a folder of its own in `<file>.d`.
class YamlPlace {
 public:
  /// The references outlive it.
  YamlPlace(std::filesystem::path index, const Clock& clock, Log& log);

  [[nodiscard]] const std::filesystem::path& index() const { return index_; }
  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] std::filesystem::path job_folder(const std::string& job) const;

  /// What is known of a job but its checkpoints.
  [[nodiscard]] YamlFile job_file(const std::string& job) const;
  /// The same, of the job whose folder this is.
  [[nodiscard]] YamlFile job_file_in(const std::filesystem::path& folder) const;
  [[nodiscard]] YamlFile checkpoint_file(const std::string& job, const std::string& unit) const;
  /// A checkpoint of the job whose unit stands in it.
  [[nodiscard]] YamlFile checkpoint_file_at(std::filesystem::path path,
                                            const std::string& job) const;
  /// The checkpoints of a job that lie in its folder.
  [[nodiscard]] std::set<std::filesystem::path> checkpoint_paths(const std::string& job) const;
  [[nodiscard]] std::filesystem::path history_path(const std::string& job) const;
  [[nodiscard]] static std::filesystem::path history_path_in(const std::filesystem::path& folder);
  [[nodiscard]] std::filesystem::path dead_letter_folder(const std::string& job) const;

  /// Reads a file; warns, once a file, when its newest generation could not be used.
  [[nodiscard]] std::optional<YamlContent> read(const YamlFile& file);

  [[nodiscard]] WallTime now() const { return clock_.wall_now(); }
  [[nodiscard]] Log& log() const { return log_; }

 private:
  std::filesystem::path index_;
  const Clock& clock_;
  Log& log_;
  std::set<std::filesystem::path> told_;
};

/// The names of the files and folders in a folder, in no order; none when there is no such folder.
[[nodiscard]] std::vector<std::string> names_in(const std::filesystem::path& folder);

}  // namespace rowferry
