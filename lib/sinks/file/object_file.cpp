#include "sinks/file/object_file.hpp"

#include <fcntl.h>

#include <utility>

#include "base/failpoint.hpp"

namespace rowferry::file {
namespace {

// Smaller writes cost more in calls than they save in memory.
constexpr std::size_t kWriteBytesMin = 256u << 10;

}  // namespace

ObjectFile::ObjectFile(const ObjectFolder& folder, std::string key, std::string_view header,
                       std::size_t line_end_bytes)
    : key_(std::move(key)), line_end_bytes_(line_end_bytes) {
  make_folders(folder.path_of(key_).parent_path());
  file_ = File::open(folder.partial_path_of(key_), O_WRONLY | O_CREAT | O_TRUNC);
  append_bytes(header);
}

void ObjectFile::append(const EncodedRows& rows, std::size_t first, std::size_t last) {
  for (std::size_t row = first; row < last; ++row) {
    const std::string_view line = rows.view(row, row + 1);
    digest_.add(line.substr(0, line.size() - line_end_bytes_));
  }
  rows_ += static_cast<std::int64_t>(last - first);
  append_bytes(rows.view(first, last));
}

void ObjectFile::append_bytes(std::string_view bytes) {
  sha256_.update(bytes);
  bytes_ += static_cast<std::int64_t>(bytes.size());
  if (bytes.size() >= kWriteBytesMin) {
    write_out();
    file_.write(bytes);
    return;
  }
  unwritten_.append(bytes);
  if (unwritten_.size() >= kWriteBytesMin) {
    write_out();
  }
}

void ObjectFile::write_out() {
  file_.write(unwritten_.view());
  unwritten_.clear();
}

ObjectEntry ObjectFile::seal(const ObjectFolder& folder) {
  write_out();
  file_.sync();
  file_.close();
  failpoint("file.object.before_send");
  const std::filesystem::path path = folder.path_of(key_);
  rename_file(folder.partial_path_of(key_), path);
  failpoint("file.object.reply_lost");
  sync_folder(path.parent_path());
  return {key_, rows_, bytes_, to_hex(sha256_.finish()), digest_.to_hex()};
}

}  // namespace rowferry::file
