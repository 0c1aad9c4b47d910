#include "state/yaml_place.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/sha256.hpp"

namespace rowferry {
namespace {

constexpr std::string_view kJobFile = "job.yaml";
constexpr std::string_view kCheckpoint = "checkpoint";
constexpr std::string_view kEnding = ".yaml";
// File systems take 255 bytes, and `.previous` stands behind a name.
constexpr std::size_t kNameBytesMax = 160;
constexpr std::size_t kNameBytesKept = 120;

bool is_plain(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

/// A name for a file: letters, digits, `_` and `-` as they are, dots within, all else as `%xx`. A
/// long one is cut, and told apart by a digest.
std::string file_name(std::string_view text) {
  std::string name;
  for (const char byte : text) {
    const bool is_inner_dot = byte == '.' && !name.empty();
    if (is_plain(byte) || is_inner_dot) {
      name += byte;
    } else {
      name += fmt::format("%{:02x}", static_cast<unsigned char>(byte));
    }
  }
  if (name.size() > kNameBytesMax) {
    Sha256 digest;
    digest.update(text);
    name =
        fmt::format("{}~{}", name.substr(0, kNameBytesKept), to_hex(digest.finish()).substr(0, 32));
  }
  return name;
}

std::string title_of(const std::string& job, const std::string& unit) {
  return fmt::format("the checkpoint of job {}{}{}", job, unit.empty() ? "" : ", unit ", unit);
}

constexpr const char* kJobRemedy =
    "Put a backup of the file in its place, or remove it and the .previous beside it: its runs are "
    "then numbered on from what history and checkpoints know, and a pause is forgotten";
constexpr const char* kCheckpointRemedy =
    "Put a backup of the file in its place, or ask for a full copy of the job (rowferry run "
    "--full), which needs no checkpoint";

}  // namespace

YamlPlace::YamlPlace(std::filesystem::path index, const Clock& clock, Log& log)
    : index_(std::move(index)), clock_(clock), log_(log) {}

std::filesystem::path YamlPlace::folder() const { return index_.string() + ".d"; }

std::filesystem::path YamlPlace::job_folder(const std::string& job) const {
  return folder() / file_name(job);
}

YamlFile YamlPlace::job_file(const std::string& job) const {
  YamlIdentity identity;
  identity.title = fmt::format("the state of job {}", job);
  identity.keys = {{"kind", "job"}, {"job", job}};
  identity.remedy = kJobRemedy;
  return YamlFile(job_folder(job) / kJobFile, std::move(identity));
}

YamlFile YamlPlace::job_file_in(const std::filesystem::path& folder) const {
  YamlIdentity identity;
  identity.title = "the state of a job";
  identity.keys = {{"kind", "job"}};
  identity.remedy = kJobRemedy;
  return YamlFile(folder / kJobFile, std::move(identity));
}

YamlFile YamlPlace::checkpoint_file(const std::string& job, const std::string& unit) const {
  YamlIdentity identity;
  identity.title = title_of(job, unit);
  identity.keys = {{"kind", "checkpoint"}, {"job", job}, {"unit", unit}};
  identity.remedy = kCheckpointRemedy;
  const std::string name = unit.empty() ? "" : "." + file_name(unit);
  return YamlFile(job_folder(job) / fmt::format("{}{}{}", kCheckpoint, name, kEnding),
                  std::move(identity));
}

YamlFile YamlPlace::checkpoint_file_at(std::filesystem::path path, const std::string& job) const {
  YamlIdentity identity;
  identity.title = fmt::format("a checkpoint of job {}", job);
  identity.keys = {{"kind", "checkpoint"}, {"job", job}};
  identity.remedy = kCheckpointRemedy;
  return YamlFile(std::move(path), std::move(identity));
}

std::set<std::filesystem::path> YamlPlace::checkpoint_paths(const std::string& job) const {
  const std::filesystem::path folder = job_folder(job);
  std::set<std::filesystem::path> paths;
  for (std::string name : names_in(folder)) {
    if (name.ends_with(".previous")) {
      name.erase(name.rfind('.'));
    }
    if (name.starts_with(kCheckpoint) && name.ends_with(kEnding)) {
      paths.insert(folder / name);
    }
  }
  return paths;
}

std::filesystem::path YamlPlace::history_path(const std::string& job) const {
  return history_path_in(job_folder(job));
}

std::filesystem::path YamlPlace::history_path_in(const std::filesystem::path& folder) {
  return folder / "history.yaml";
}

std::filesystem::path YamlPlace::dead_letter_folder(const std::string& job) const {
  return job_folder(job) / "dead-letters";
}

std::optional<YamlContent> YamlPlace::read(const YamlFile& file) {
  std::optional<YamlContent> content = file.read();
  if (content && content->damage.empty()) {
    told_.erase(file.path());
  } else if (content && told_.insert(file.path()).second) {
    log_.warn("a state file is damaged; the sound one of its two generations is used",
              {{"file", file.path().string()}, {"damage", content->damage}});
  }
  return content;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  std::vector<std::string> names;
  while (!error && entry != std::filesystem::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw file_error("list", folder, error.value());
  }
  return names;
}

}  // namespace rowferry
