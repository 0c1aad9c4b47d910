#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace rowferry::config {

/// A small file's content, or why it could not be had ("is a folder", "No such file or directory").
struct FileText {
  std::string text;
  std::string problem;
};

/// Reads a whole file of at most `bytes_max` bytes.
[[nodiscard]] FileText read_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace rowferry::config
