#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace rowferry {

/// An open file descriptor. All calls block; they throw what `file_error` makes of errno.
class File {
 public:
  File() = default;
  File(File&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  /// Opens with the flags of open(2); the descriptor is closed in child processes.
  [[nodiscard]] static File open(const std::filesystem::path& path, int flags, mode_t mode = 0666);

  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes all bytes, or throws.
  void write(std::string_view bytes);
  /// Makes all that was written survive a power cut. After an error the file must be written anew:
  /// a second fsync of the same descriptor may lie.
  void sync();
  /// Closes, and reports an error that the system kept until now.
  void close();

 private:
  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// The Error for a failed file operation: what was attempted, on what, why, and what to do.
/// A path that cannot be (a component that is a file, a name too long) is `config`, everything else
/// `transient`: a full disk, a missing right and a vanished mount can be mended while we wait.
[[nodiscard]] Error file_error(std::string_view attempted, const std::filesystem::path& path,
                               int error_number);

/// Makes a folder and those above it, each durable in its parent. Existing ones are left alone.
void make_folders(const std::filesystem::path& folder, mode_t mode = 0777);

/// Makes the names in a folder (new, renamed and removed files) survive a power cut.
void sync_folder(const std::filesystem::path& folder);

/// Renames within one file system; an existing `to` is replaced. Not durable before `sync_folder`.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a file. False when there was none.
bool remove_file(const std::filesystem::path& path);

/// The whole content of a file.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace rowferry
