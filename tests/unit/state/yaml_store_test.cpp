#include "state/yaml_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "tests/unit/state/yaml_store_fixture.hpp"

namespace rowferry::test {
namespace {

TEST_F(YamlStoreTest, WritesFilesThatAPersonCanRead) {
  open();
  save(7);
  const std::string text = read_file(job_ / "checkpoint.yaml");
  EXPECT_TRUE(
      text.starts_with("# rowferry: the checkpoint of job movies. "
                       "Written by the program: an edit breaks the checksum.\n"
                       "format: 1\n"
                       "generation: 1\n"
                       "crc32c: '"))
      << text;
  EXPECT_TRUE(contains(text,
                       "kind: 'checkpoint'\n"
                       "job: 'movies'\n"
                       "unit: ''\n"
                       "position: '{\"number\":7}'\n"))
      << text;
  EXPECT_TRUE(contains(read_file(path_), "jobs:\n  - 'movies'\n")) << read_file(path_);
}

TEST_F(YamlStoreTest, MakesFoldersAndFilesForThisUserAlone) {
  open();
  save(1);
  finish(start());
  finish(start());
  for (const auto& [name, inode] : inodes()) {
    struct stat status {};
    ASSERT_EQ(stat((folder_.path() / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077, 0u) << name;
  }
}

TEST_F(YamlStoreTest, NamesThePathWhenTheFolderCannotBeMade) {
  write(folder_.path() / "a", "a file");
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), (folder_.path() / "a").string())) << error.what();
}

TEST_F(YamlStoreTest, WritesOneCheckpointAndNothingElse) {
  open();
  save(1, "films");
  save(1, "actors");
  const auto before = inodes();
  save(2, "films");
  const auto after = inodes();
  for (const auto& [name, inode] : before) {
    const bool is_its_file = contains(name, "checkpoint.films.yaml");
    EXPECT_EQ(inode == after.at(name), !is_its_file) << name;
  }
  EXPECT_EQ(loaded_position("films"), "{\"number\":2}");
}

TEST_F(YamlStoreTest, KeepsAnyNameOfJobAndUnitApart) {
  open();
  const std::vector<std::string> names = {"a",    "A",
                                          "a/b",  "a%2fb",
                                          "..",   ".",
                                          "a b",  "ä",
                                          "a.b",  "a~b",
                                          "-",    std::string(300, 'x'),
                                          "a\nb", std::string(300, 'x') + "y"};
  for (std::size_t index = 0; index < names.size(); ++index) {
    Checkpoint checkpoint;
    checkpoint.position.json = std::to_string(index);
    loop_.run(store_->save(names[index], names[index], checkpoint));
  }
  reopen();
  for (std::size_t index = 0; index < names.size(); ++index) {
    EXPECT_EQ(loop_.run(store_->load(names[index], names[index]))->position.json,
              std::to_string(index));
    EXPECT_EQ(loop_.run(store_->units(names[index])), (std::vector<std::string>{names[index]}));
  }
}

TEST_F(YamlStoreTest, NamesTheProcessThatHoldsTheState) {
  open();
  const auto second = std::make_unique<YamlStore>(path_, kHistoryRuns, loop_.runtime());
  const Error error = error_of([&] { loop_.run(second->open()); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), "process " + std::to_string(getpid()))) << error.what();
}

TEST_F(YamlStoreTest, GoesOnAfterACrashInAnySecondOfASave) {
  open();
  save(1);
  save(2);
  // What may lie about: a temporary file, complete or not, and a second name.
  write(job_ / "checkpoint.yaml.new", "# rowferry: half");
  std::filesystem::create_hard_link(job_ / "checkpoint.yaml", job_ / "checkpoint.yaml.second");
  reopen();
  EXPECT_EQ(loaded_position(), "{\"number\":2}");
  save(3);
  EXPECT_EQ(loaded_position(), "{\"number\":3}");
  // A file system without second names: killed between two renames.
  std::filesystem::rename(job_ / "checkpoint.yaml", job_ / "checkpoint.yaml.previous");
  EXPECT_EQ(loaded_position(), "{\"number\":3}");
  save(4);
  EXPECT_EQ(loaded_position(), "{\"number\":4}");
}

TEST_F(YamlStoreTest, LeavesDamagedLinesOfAHistoryOut) {
  open();
  for (int count = 0; count < 4; ++count) {
    finish(start());
  }
  const std::filesystem::path history = job_ / "history.yaml";
  std::string text = read_file(history);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  text[text.find("run_seq: 2")] = 'R';
  write(history, text + "- {id: 99, half of a li");
  EXPECT_EQ(loop_.run(store_->runs({})).size(), 3u);
  EXPECT_TRUE(contains(loop_.logged(), "lines of a history")) << loop_.logged();
  finish(start());
  EXPECT_EQ(loop_.run(store_->runs({})).size(), 4u);
  EXPECT_FALSE(contains(read_file(history), "half of a li"));
}

TEST_F(YamlStoreTest, CutsTheFileOfAHistory) {
  open();
  for (int count = 0; count < 90; ++count) {
    finish(start());
  }
  const std::string text = read_file(job_ / "history.yaml");
  EXPECT_LE(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')),
            2 * kHistoryRuns + 70);
  const auto runs = loop_.run(store_->runs({}));
  ASSERT_EQ(runs.size(), kHistoryRuns);
  EXPECT_EQ(runs.back().run_seq, 86);
}

TEST_F(YamlStoreTest, KeepsTheLastFinishedAndAllUnfinishedRunsInTheFileOfTheJob) {
  open();
  const Run unfinished = start();
  finish(start());
  finish(start());
  const std::string text = read_file(job_ / "job.yaml");
  EXPECT_TRUE(contains(text, "  - id: 1\n")) << text;
  EXPECT_FALSE(contains(text, "  - id: 2\n")) << text;
  EXPECT_TRUE(contains(text, "  - id: 3\n")) << text;
  // It ends after runs that began later.
  finish(unfinished);
  const auto runs = loop_.run(store_->runs({}));
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[2].id, unfinished.id);
  EXPECT_EQ(runs[2].state, RunState::succeeded);
  EXPECT_EQ(loop_.run(store_->run(unfinished.id))->state, RunState::succeeded);
}

TEST_F(YamlStoreTest, ChangesARunThatIsInTheHistory) {
  open();
  Run first = start();
  finish(first);
  finish(start());
  finish(start());
  first.error = "said later";
  finish(first);
  EXPECT_EQ(loop_.run(store_->run(first.id))->error, "said later");
  EXPECT_EQ(loop_.run(store_->runs({})).size(), 3u);
}

TEST_F(YamlStoreTest, KeepsTheOldStateWhenTheDiskIsFullAndGoesOnLater) {
  open();
  save(1);
  finish(start());
  // Writing beyond this size fails, like a full disk.
  signal(SIGXFSZ, SIG_IGN);
  rlimit former{};
  getrlimit(RLIMIT_FSIZE, &former);
  rlimit small = former;
  small.rlim_cur = 100'000;
  setrlimit(RLIMIT_FSIZE, &small);
  Checkpoint large;
  large.position.json = std::string(1u << 20, '7');
  const Error error = error_of([&] { loop_.run(store_->save("movies", "", large)); });
  EXPECT_EQ(error.failure(), Failure::internal);
  EXPECT_TRUE(contains(error.what(), (job_ / "checkpoint.yaml").string())) << error.what();
  EXPECT_EQ(loaded_position(), "{\"number\":1}");
  Run wordy = start();
  wordy.error = std::string(200'000, 'e');
  EXPECT_EQ(error_of([&] { finish(wordy); }).failure(), Failure::internal);
  EXPECT_EQ(loop_.run(store_->run(wordy.id))->state, RunState::running);
  setrlimit(RLIMIT_FSIZE, &former);
  loop_.run(store_->save("movies", "", large));
  finish(wordy);
  reopen();
  EXPECT_EQ(loaded_position(), large.position.json);
  EXPECT_EQ(loop_.run(store_->run(wordy.id))->error, wordy.error);
}

TEST_F(YamlStoreTest, RefusesCallsBeforeItIsOpen) {
  store_ = std::make_unique<YamlStore>(path_, kHistoryRuns, loop_.runtime());
  EXPECT_THROW(save(1), Error);
}

}  // namespace
}  // namespace rowferry::test
