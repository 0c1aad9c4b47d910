#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/preflight.hpp"

namespace rowferry {

/// What is there of a folder that may not exist yet.
struct FolderFacts {
  std::filesystem::path folder;
  /// The folder itself, or the nearest one above it that exists.
  std::filesystem::path nearest;
  bool exists = false;
  /// Something that is no folder is in the way, at `nearest`.
  bool is_blocked = false;
  bool is_writable = false;
  std::uint64_t bytes_free = 0;
};

/// Looks, and makes nothing. Blocks.
[[nodiscard]] FolderFacts look_at_folder(const std::filesystem::path& folder);

/// Whether objects can be written into it; `bytes_expected` by the next full run, where known.
[[nodiscard]] std::vector<Finding> judge_folder(const FolderFacts& facts,
                                                std::optional<std::int64_t> bytes_expected);

}  // namespace rowferry
