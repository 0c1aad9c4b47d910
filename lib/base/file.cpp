#include "base/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace rowferry {
namespace {

std::string_view advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space";
    case EACCES:
    case EPERM:
      return "; give this user the right to it";
    case EROFS:
      return "; mount it writable";
    case ENOTDIR:
      return "; a part of the path is a file, not a folder";
    case ENAMETOOLONG:
      return "; shorten it";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files";
    default:
      return "";
  }
}

std::string_view reason(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "disk_full";
    case EACCES:
    case EPERM:
    case EROFS:
      return "refused";
    default:
      return "io";
  }
}

void make_folder(const std::filesystem::path& folder, mode_t mode) {
  if (mkdir(folder.c_str(), mode) == 0) {
    sync_folder(folder.has_parent_path() ? folder.parent_path() : ".");
    return;
  }
  const int error_number = errno;
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw file_error("make the folder", folder, error_number == EEXIST ? ENOTDIR : error_number);
  }
}

}  // namespace

Error file_error(std::string_view attempted, const std::filesystem::path& path, int error_number) {
  const bool impossible =
      error_number == ENOTDIR || error_number == ENAMETOOLONG || error_number == EISDIR;
  return Error(impossible ? Failure::config : Failure::transient,
               fmt::format("cannot {} {}: {}{}", attempted, path.string(),
                           std::generic_category().message(error_number), advice(error_number)))
      .with_reason(std::string(reason(error_number)));
}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

File File::open(const std::filesystem::path& path, int flags, mode_t mode) {
  File file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (file.descriptor_ < 0) {
    throw file_error("open", path, errno);
  }
  return file;
}

void File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      throw file_error("write to", path_, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void File::sync() {
  if (fsync(descriptor_) != 0) {
    throw file_error("make durable", path_, errno);
  }
}

void File::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) {
    throw file_error("close", path_, errno);
  }
}

void make_folders(const std::filesystem::path& folder, mode_t mode) {
  std::filesystem::path made;
  for (const std::filesystem::path& part : folder) {
    made /= part;
    if (!part.empty() && made != made.root_path()) {
      make_folder(made, mode);
    }
  }
}

void sync_folder(const std::filesystem::path& folder) {
  File opened = File::open(folder, O_RDONLY | O_DIRECTORY);
  opened.sync();
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    throw file_error(fmt::format("rename {} to", from.string()), to, errno);
  }
}

bool remove_file(const std::filesystem::path& path) {
  if (unlink(path.c_str()) == 0) {
    return true;
  }
  if (errno != ENOENT && errno != ENOTDIR) {
    throw file_error("remove", path, errno);
  }
  return false;
}

std::string read_file(const std::filesystem::path& path) {
  File file = File::open(path, O_RDONLY);
  std::string content;
  struct stat status {};
  if (fstat(file.descriptor(), &status) == 0) {
    content.reserve(static_cast<std::size_t>(status.st_size) + 1);
  }
  char block[64 << 10];
  while (true) {
    const ssize_t count = ::read(file.descriptor(), block, sizeof block);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      throw file_error("read", path, errno);
    }
    if (count == 0) {
      return content;
    }
    content.append(block, static_cast<std::size_t>(count));
  }
}

}  // namespace rowferry
