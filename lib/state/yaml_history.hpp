#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "core/run.hpp"

namespace rowferry {

inline constexpr std::size_t kAllRuns = std::numeric_limits<std::size_t>::max();

/// The finished runs of a job in one file, one a line, the newest last, each with its CRC-32C. A
/// line is appended and synced; a line that is damaged, or was cut by a crash, is left out with a
/// warning: nothing but what people look at depends on it. All calls block.
class YamlHistory {
 public:
  /// The log must outlive it.
  YamlHistory(std::filesystem::path path, Log& log);

  void append(const Run& run);

  /// At most `count` runs, those that were appended last first.
  [[nodiscard]] std::vector<Run> newest(std::size_t count) const;

  /// Writes a run in the place of the one of its id. False when there is none.
  bool replace(const Run& run);

  /// The number of lines.
  [[nodiscard]] std::size_t count() const;

  /// Keeps the last `count` lines.
  void cut(std::size_t count);

 private:
  [[nodiscard]] std::vector<std::string> lines() const;
  void write_anew(const std::vector<std::string>& lines) const;

  std::filesystem::path path_;
  Log& log_;
};

}  // namespace rowferry
