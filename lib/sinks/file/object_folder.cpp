#include "sinks/file/object_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/file.hpp"

namespace rowferry::file {

void ObjectFolder::make() const { make_folders(base_); }

std::filesystem::path ObjectFolder::partial_path_of(std::string_view key) const {
  const std::filesystem::path path = path_of(key);
  return path.parent_path() / fmt::format(".{}.partial", path.filename().string());
}

bool ObjectFolder::exists(std::string_view key) const { return size_of(key).has_value(); }

std::optional<std::int64_t> ObjectFolder::size_of(std::string_view key) const {
  struct stat status {};
  const std::filesystem::path path = path_of(key);
  if (stat(path.c_str(), &status) == 0) {
    return status.st_size;
  }
  if (errno != ENOENT && errno != ENOTDIR) {
    throw file_error("look at", path, errno);
  }
  return std::nullopt;
}

void ObjectFolder::remove(const std::string& key) const {
  const bool partial = remove_file(partial_path_of(key));
  const bool whole = remove_file(path_of(key));
  if (partial || whole) {
    remove_empty_folders(path_of(key).parent_path());
  }
}

void ObjectFolder::remove_empty_folders(std::filesystem::path folder) const {
  while (folder != base_ && folder.has_relative_path() && rmdir(folder.c_str()) == 0) {
    folder = folder.parent_path();
  }
}

std::optional<std::string> ObjectFolder::read(std::string_view key) const {
  if (!exists(key)) {
    return std::nullopt;
  }
  return read_file(path_of(key));
}

void ObjectFolder::write(const std::string& key, std::string_view text) const {
  const std::filesystem::path path = path_of(key);
  const std::filesystem::path partial = partial_path_of(key);
  make_folders(path.parent_path());
  File file = File::open(partial, O_WRONLY | O_CREAT | O_TRUNC);
  file.write(text);
  file.sync();
  file.close();
  rename_file(partial, path);
  sync_folder(path.parent_path());
}

std::vector<std::string> ObjectFolder::names(std::string_view folder) const {
  std::vector<std::string> names;
  std::error_code failure;
  std::filesystem::directory_iterator entries(path_of(folder), failure);
  if (failure && failure != std::errc::no_such_file_or_directory) {
    throw file_error("list", path_of(folder), failure.value());
  }
  if (!failure) {
    for (const std::filesystem::directory_entry& entry : entries) {
      names.push_back(entry.path().filename().string());
    }
  }
  return names;
}

}  // namespace rowferry::file
