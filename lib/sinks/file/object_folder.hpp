#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "objects/run_manifest.hpp"

namespace rowferry::file {

/// A folder seen as an object store: keys are relative paths with `/`. All calls block. What it
/// writes becomes visible at once and whole, by a rename.
class ObjectFolder {
 public:
  explicit ObjectFolder(std::filesystem::path base) : base_(std::move(base)) {}

  /// Makes the folder itself.
  void make() const;

  [[nodiscard]] std::filesystem::path path_of(std::string_view key) const { return base_ / key; }
  /// Where an object is written before it gets its name: hidden, beside it.
  [[nodiscard]] std::filesystem::path partial_path_of(std::string_view key) const;

  [[nodiscard]] bool exists(std::string_view key) const;
  /// The size of an object; nothing when there is none.
  [[nodiscard]] std::optional<std::int64_t> size_of(std::string_view key) const;

  /// Deletes an object, finished or begun, and the folders that are empty then. Harmless when there
  /// is none.
  void remove(const std::string& key) const;

  /// The text of a small object; nothing when there is none.
  [[nodiscard]] std::optional<std::string> read(std::string_view key) const;
  /// Replaces a small object; durable when it returns.
  void write(const std::string& key, std::string_view text) const;

  /// The names in a folder (empty or ending with `/`); empty when it does not exist.
  [[nodiscard]] std::vector<std::string> names(std::string_view folder) const;

 private:
  void remove_empty_folders(std::filesystem::path folder) const;

  std::filesystem::path base_;
};

}  // namespace rowferry::file
