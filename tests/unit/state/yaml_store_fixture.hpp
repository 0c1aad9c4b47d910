#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "state/yaml_store.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

/// A state in YAML in a folder of its own.
class YamlStoreTest : public testing::Test {
 protected:
  using Run = rowferry::Run;  // hides testing::Test::Run

  void open(StoreAccess access = StoreAccess::exclusive) {
    store_ = std::make_unique<YamlStore>(path_, kHistoryRuns, loop_.runtime());
    loop_.run(store_->open(access));
  }

  void reopen() {
    loop_.run(store_->close());
    open();
  }

  void save(std::int64_t number, const std::string& unit = "") {
    Checkpoint checkpoint;
    checkpoint.position.json = "{\"number\":" + std::to_string(number) + "}";
    checkpoint.run_seq = number;
    loop_.run(store_->save("movies", unit, checkpoint));
  }

  std::string loaded_position(const std::string& unit = "") {
    const auto checkpoint = loop_.run(store_->load("movies", unit));
    return checkpoint ? checkpoint->position.json : "none";
  }

  template <class Call>
  Error error_of(Call call) {
    try {
      call();
    } catch (const Error& error) {
      return error;
    }
    return Error(Failure::internal, "no error");
  }

  Run start() {
    Run run;
    run.job = "movies";
    run.state = RunState::running;
    run.started_at = loop_.clock().wall_now();
    return loop_.run(store_->start_run(run));
  }

  void finish(Run run) {
    run.state = RunState::succeeded;
    run.finished_at = loop_.clock().wall_now();
    loop_.run(store_->update_run(run));
  }

  /// The files below the folder of the state, and when each got its content.
  std::map<std::string, ino_t> inodes() {
    std::map<std::string, ino_t> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      struct stat status {};
      stat(entry.path().c_str(), &status);
      found[entry.path().lexically_relative(folder_.path()).string()] = status.st_ino;
    }
    return found;
  }

  static constexpr std::size_t kHistoryRuns = 5;
  TestLoop loop_;
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a" / "state.yaml";
  std::filesystem::path job_ = folder_.path() / "a" / "state.yaml.d" / "movies";
  std::unique_ptr<YamlStore> store_;
};

}  // namespace rowferry::test
