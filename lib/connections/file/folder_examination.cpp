#include "connections/file/folder_examination.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "base/blocking.hpp"
#include "connections/file/file_connection.hpp"

namespace rowferry {
namespace {

// Less is as good as full.
constexpr std::uint64_t kBytesFreeMin = 64u << 20;

// Who we are, as chown takes it.
std::string user_name() {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, memory.data(), memory.size(), &found);
  return found == nullptr ? std::to_string(geteuid()) : std::string(entry.pw_name);
}

std::string mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

}  // namespace

FolderFacts look_at_folder(const std::filesystem::path& folder) {
  FolderFacts facts;
  facts.folder = folder;
  facts.nearest = folder;
  struct stat status {};
  while (stat(facts.nearest.c_str(), &status) != 0 && facts.nearest.has_relative_path()) {
    facts.nearest = facts.nearest.parent_path();
  }
  facts.exists = facts.nearest == folder;
  facts.is_blocked = !S_ISDIR(status.st_mode);
  facts.is_writable = access(facts.nearest.c_str(), W_OK | X_OK) == 0;
  struct statvfs system {};
  if (statvfs(facts.nearest.c_str(), &system) == 0) {
    facts.bytes_free = static_cast<std::uint64_t>(system.f_bavail) * system.f_frsize;
  }
  return facts;
}

std::vector<Finding> judge_folder(const FolderFacts& facts,
                                  std::optional<std::int64_t> bytes_expected) {
  const std::string folder = facts.folder.string();
  if (facts.is_blocked) {
    return {{Severity::wrong, fmt::format("{} is no folder", facts.nearest.string()),
             "name another folder in path"}};
  }
  if (!facts.is_writable) {
    const std::string user = user_name();
    return {{Severity::refused,
             facts.exists ? fmt::format("{} may not write into {}", user, folder)
                          : fmt::format("{} does not exist, and {} may not make it in {}", folder,
                                        user, facts.nearest.string()),
             fmt::format("mkdir -p {0} && chown {1} {0}", folder, user)}};
  }
  const std::string_view state = facts.exists ? "can be written" : "will be made";
  std::vector<Finding> findings;
  findings.push_back(
      {Severity::ok,
       fmt::format("folder {} {}, {} free", folder, state, mebibytes(facts.bytes_free)), ""});
  const auto expected = static_cast<std::uint64_t>(bytes_expected.value_or(0));
  if (facts.bytes_free < kBytesFreeMin || facts.bytes_free < expected) {
    findings.push_back({Severity::warning,
                        bytes_expected
                            ? fmt::format("{} are free, and about {} are expected",
                                          mebibytes(facts.bytes_free), mebibytes(expected))
                            : fmt::format("only {} are free", mebibytes(facts.bytes_free)),
                        fmt::format("make room on the file system of {}", facts.nearest.string())});
  }
  return findings;
}

Task<std::vector<Finding>> FileConnection::examine() {
  auto look = [this] { return look_at_folder(folder_); };
  const FolderFacts facts = co_await run_blocking(runtime_.workers, std::move(look));
  co_return judge_folder(facts, std::nullopt);
}

}  // namespace rowferry
