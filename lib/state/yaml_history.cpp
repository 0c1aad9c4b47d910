#include "state/yaml_history.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/crc32c.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "state/run_record.hpp"
#include "state/yaml_text.hpp"

namespace rowferry {
namespace {

constexpr std::string_view kHead =
    "# rowferry: finished runs, one a line with its checksum, the newest last.\n";
constexpr std::string_view kItem = "- ";
constexpr std::string_view kMark = " # ";
constexpr std::size_t kChecksumDigits = 8;

std::string line_of(const Run& run) {
  const std::string line = fmt::format("{}{}", kItem, yaml_line(to_record(run)));
  return fmt::format("{}{}{:08x}", line, kMark, crc32c(line));
}

/// The run of a line; nothing when the line is damaged.
std::optional<Run> run_on(std::string_view line) {
  const std::size_t tail = kMark.size() + kChecksumDigits;
  if (!line.starts_with(kItem) || line.size() < kItem.size() + tail) {
    return std::nullopt;
  }
  const std::string_view content = line.substr(0, line.size() - tail);
  if (line.substr(content.size()) != fmt::format("{}{:08x}", kMark, crc32c(content))) {
    return std::nullopt;
  }
  return run_of(parse_yaml_line(content.substr(kItem.size())));
}

off_t size_of(const File& file) {
  struct stat status {};
  if (fstat(file.descriptor(), &status) != 0) {
    throw file_error("look at", file.path(), errno);
  }
  return status.st_size;
}

void cut_file(const File& file, off_t size) {
  if (ftruncate(file.descriptor(), size) != 0) {
    throw file_error("shorten", file.path(), errno);
  }
}

bool ends_within_a_line(const File& file, off_t size) {
  char last = '\n';
  return size > 0 && pread(file.descriptor(), &last, 1, size - 1) == 1 && last != '\n';
}

/// A crash may have left a part of a line, which was never acknowledged.
off_t cut_torn_line(const File& file) {
  const off_t size = size_of(file);
  if (!ends_within_a_line(file, size)) {
    return size;
  }
  const std::string text = read_file(file.path());
  const std::size_t end = text.rfind('\n');
  const auto kept = static_cast<off_t>(end == std::string::npos ? 0 : end + 1);
  cut_file(file, kept);
  return kept;
}

}  // namespace

YamlHistory::YamlHistory(std::filesystem::path path, Log& log)
    : path_(std::move(path)), log_(log) {}

void YamlHistory::append(const Run& run) {
  File file = File::open(path_, O_RDWR | O_CREAT | O_APPEND, 0600);
  const off_t size = cut_torn_line(file);
  try {
    file.write(fmt::format("{}{}\n", size == 0 ? kHead : "", line_of(run)));
    file.sync();
  } catch (const Error&) {
    std::ignore = ftruncate(file.descriptor(), size);
    throw;
  }
  if (size == 0) {
    sync_folder(path_.parent_path());
  }
}

std::vector<Run> YamlHistory::newest(std::size_t count) const {
  const std::vector<std::string> all = lines();
  std::vector<Run> runs;
  std::size_t damaged = 0;
  for (auto line = all.rbegin(); line != all.rend() && runs.size() < count; ++line) {
    if (std::optional<Run> run = run_on(*line)) {
      runs.push_back(*std::move(run));
    } else {
      ++damaged;
    }
  }
  if (damaged > 0) {
    log_.warn("lines of a history are damaged and left out",
              {{"file", path_.string()}, {"lines", damaged}});
  }
  return runs;
}

bool YamlHistory::replace(const Run& run) {
  std::vector<std::string> all = lines();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&run](const std::string& line) {
    const std::optional<Run> known = run_on(line);
    return known && known->id == run.id;
  });
  if (found == all.rend()) {
    return false;
  }
  *found = line_of(run);
  write_anew(all);
  return true;
}

std::size_t YamlHistory::count() const { return lines().size(); }

void YamlHistory::cut(std::size_t count) {
  std::vector<std::string> all = lines();
  if (all.size() > count) {
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(count));
    write_anew(all);
  }
}

/// The lines that are no comment; the last one only if it ended.
std::vector<std::string> YamlHistory::lines() const {
  std::vector<std::string> found;
  if (access(path_.c_str(), F_OK) != 0) {
    return found;
  }
  const std::string text = read_file(path_);
  std::string_view rest = text;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    const std::string_view line = rest.substr(0, end);
    if (!line.empty() && !line.starts_with('#')) {
      found.emplace_back(line);
    }
    rest.remove_prefix(end + 1);
  }
  return found;
}

void YamlHistory::write_anew(const std::vector<std::string>& lines) const {
  const std::filesystem::path temporary = path_.string() + ".new";
  remove_file(temporary);
  File file = File::open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
  file.write(fmt::format("{}{}\n", kHead, fmt::join(lines, "\n")));
  file.sync();
  file.close();
  rename_file(temporary, path_);
  sync_folder(path_.parent_path());
}

}  // namespace rowferry
