#include <gtest/gtest.h>

#include <string>

#include "base/crc32c.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "state/sqlite_store.hpp"
#include "tests/unit/state/yaml_store_fixture.hpp"

namespace rowferry::test {
namespace {

/// What may happen to a file. Each is tried on each kind of file.
struct Damage {
  const char* name;
  std::string (*apply)(std::string content);
};

std::string flip(std::string content, std::size_t at) {
  content[at] = static_cast<char>(content[at] ^ 0x01);
  return content;
}

/// A file whose checksum is right, of another version.
std::string with_format(const std::string& content, const std::string& format) {
  const std::size_t key = content.find("crc32c: ");
  const std::size_t body = content.find('\n', key) + 1;
  std::string head = content.substr(0, key);
  head.replace(head.find("format: 1"), 9, "format: " + format);
  char checksum[16];
  snprintf(checksum, sizeof checksum, "'%08x'", crc32c(content.substr(body), crc32c(head)));
  return head + "crc32c: " + checksum + "\n" + content.substr(body);
}

const Damage kDamages[] = {
    {"empty", [](std::string) { return std::string(); }},
    {"half", [](std::string content) { return content.substr(0, content.size() / 2); }},
    {"ten_bytes", [](std::string content) { return content.substr(0, 10); }},
    {"one_less", [](std::string content) { return content.substr(0, content.size() - 1); }},
    {"one_more", [](std::string content) { return content + "\n"; }},
    {"zeros", [](std::string content) { return std::string(content.size(), '\0'); }},
    {"garbage", [](std::string content) { return std::string(content.size(), '\xa5'); }},
    {"flipped_first", [](std::string content) { return flip(std::move(content), 0); }},
    {"flipped_last", [](std::string content) { return flip(content, content.size() - 2); }},
    {"flipped_generation",
     [](std::string content) {
       const std::size_t at = content.find("generation: ") + 12;
       return flip(std::move(content), at);
     }},
    {"flipped_checksum",
     [](std::string content) {
       const std::size_t at = content.find("crc32c: '") + 9;
       return flip(std::move(content), at);
     }},
};

class DamagedYamlStore : public YamlStoreTest, public testing::WithParamInterface<Damage> {
 protected:
  void damage(const std::filesystem::path& path) { write(path, GetParam().apply(read_file(path))); }
};

TEST_P(DamagedYamlStore, FallsBackToThePreviousCheckpointAndWarns) {
  open();
  save(1);
  save(2);
  save(3);
  damage(job_ / "checkpoint.yaml");
  reopen();
  EXPECT_EQ(loaded_position(), "{\"number\":2}");
  EXPECT_TRUE(contains(loop_.logged(), "is damaged")) << loop_.logged();
  EXPECT_TRUE(contains(loop_.logged(), "checkpoint.yaml")) << loop_.logged();
  // The sound generation is not lost while the damaged one is replaced.
  save(4);
  EXPECT_EQ(loaded_position(), "{\"number\":4}");
  damage(job_ / "checkpoint.yaml");
  EXPECT_EQ(loaded_position(), "{\"number\":2}");
}

TEST_P(DamagedYamlStore, SaysSoWhenBothCheckpointsAreDamaged) {
  open();
  save(1);
  save(2);
  damage(job_ / "checkpoint.yaml");
  damage(job_ / "checkpoint.yaml.previous");
  reopen();
  const Error error = error_of([&] { loaded_position(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "corrupt");
  for (const std::string& part :
       {std::string("the checkpoint of job movies"), (job_ / "checkpoint.yaml").string(),
        std::string("is damaged"), std::string("backup"), std::string("--full")}) {
    EXPECT_TRUE(contains(error.what(), part)) << error.what();
  }
  // What --full does: it saves without having loaded.
  save(3);
  EXPECT_EQ(loaded_position(), "{\"number\":3}");
}

TEST_P(DamagedYamlStore, NeverGivesANumberTwiceAfterDamage) {
  open();
  finish(start());
  const Run lost = start();
  loop_.run(store_->save_sequence_mark("movies", 1'900'000'000'000'000));
  damage(job_ / "job.yaml");
  damage(path_);
  reopen();
  const Run next = start();
  EXPECT_GT(next.run_seq, lost.run_seq);
  EXPECT_GT(next.id, lost.id);
  const std::int64_t now = loop_.clock().wall_now().time_since_epoch().count();
  EXPECT_GT(loop_.run(store_->sequence_mark("movies")), now);
}

TEST_P(DamagedYamlStore, KeepsAPauseAndARaisedNumberInBothGenerations) {
  open();
  loop_.run(store_->raise_run_seq("movies", 40));
  loop_.run(store_->set_paused("movies", true));
  damage(job_ / "job.yaml");
  reopen();
  EXPECT_TRUE(loop_.run(store_->paused("movies")));
  EXPECT_GT(start().run_seq, 40);
}

TEST_P(DamagedYamlStore, SaysWhatToDoWhenAJobIsDamaged) {
  open();
  save(6);
  finish(start());
  damage(job_ / "job.yaml");
  damage(job_ / "job.yaml.previous");
  reopen();
  const Error error = error_of([&] { start(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "corrupt");
  EXPECT_TRUE(contains(error.what(), "remove it and the .previous")) << error.what();
  // What it says to do.
  std::filesystem::remove(job_ / "job.yaml");
  std::filesystem::remove(job_ / "job.yaml.previous");
  EXPECT_GT(start().run_seq, 6);
  EXPECT_EQ(loaded_position(), "{\"number\":6}");
  EXPECT_EQ(loop_.run(store_->units("movies")), (std::vector<std::string>{""}));
  EXPECT_TRUE(contains(loop_.logged(), "made anew from history")) << loop_.logged();
}

TEST_P(DamagedYamlStore, SaysWhatToDoWhenTheIndexIsDamaged) {
  open();
  save(6);
  finish(start());
  const Run last = start();
  loop_.run(store_->close());
  damage(path_);
  damage(path_.string() + ".previous");
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "corrupt");
  for (const std::string& part : {path_.string(), std::string("is damaged"), std::string("backup"),
                                  std::string("remove it")}) {
    EXPECT_TRUE(contains(error.what(), part)) << error.what();
  }
  std::filesystem::remove(path_);
  std::filesystem::remove(path_.string() + ".previous");
  open();
  EXPECT_EQ(loaded_position(), "{\"number\":6}");
  EXPECT_GT(start().id, last.id);
  EXPECT_EQ(loop_.run(store_->runs({})).size(), 3u);
}

TEST_P(DamagedYamlStore, SaysWhichDeadLettersAreDamaged) {
  open();
  DeadLetter letter;
  letter.id = "a";
  letter.job = "movies";
  loop_.run(store_->add_dead_letters({letter}));
  const std::filesystem::path part = job_ / "dead-letters" / "000000001.yaml";
  damage(part);
  const Error error = error_of([&] { loop_.run(store_->dead_letter_index("movies")); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "corrupt");
  EXPECT_TRUE(contains(error.what(), part.string())) << error.what();
}

INSTANTIATE_TEST_SUITE_P(Damages, DamagedYamlStore, testing::ValuesIn(kDamages),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(YamlStoreTest, SeesEveryFlippedBit) {
  open();
  save(1);
  const std::filesystem::path file = job_ / "checkpoint.yaml";
  const std::string sound = read_file(file);
  for (std::size_t bit = 0; bit < 8 * sound.size(); bit += 3) {
    std::string content = sound;
    content[bit / 8] = static_cast<char>(content[bit / 8] ^ (1 << (bit % 8)));
    write(file, content);
    const Error error = error_of([&] { loaded_position(); });
    ASSERT_EQ(error.reason(), "corrupt") << "bit " << bit;
  }
}

TEST_F(YamlStoreTest, MissesACheckpointThatIsGone) {
  open();
  save(1);
  save(2);
  std::filesystem::remove(job_ / "checkpoint.yaml");
  EXPECT_EQ(loaded_position(), "{\"number\":1}");
  std::filesystem::remove(job_ / "checkpoint.yaml.previous");
  const Error error = error_of([&] { loaded_position(); });
  EXPECT_EQ(error.reason(), "corrupt");
  EXPECT_TRUE(contains(error.what(), "is gone")) << error.what();
  loop_.run(store_->erase("movies", ""));
  EXPECT_EQ(loaded_position(), "none");
}

TEST_F(YamlStoreTest, MissesAFolderThatIsGone) {
  open();
  save(1);
  finish(start());
  loop_.run(store_->close());
  std::filesystem::remove_all(job_);
  open();
  const Error error = error_of([&] { loaded_position(); });
  EXPECT_EQ(error.reason(), "corrupt");
  EXPECT_TRUE(contains(error.what(), "is gone")) << error.what();
  start();
  save(2);
  EXPECT_EQ(loaded_position(), "{\"number\":2}");
}

TEST_F(YamlStoreTest, RefusesTheCheckpointOfAnotherJob) {
  open();
  save(1);
  Checkpoint checkpoint;
  loop_.run(store_->save("other", "", checkpoint));
  const std::filesystem::path other = path_.string() + ".d/other/checkpoint.yaml";
  std::filesystem::copy_file(other, job_ / "checkpoint.yaml",
                             std::filesystem::copy_options::overwrite_existing);
  const Error error = error_of([&] { loaded_position(); });
  EXPECT_EQ(error.reason(), "corrupt");
  EXPECT_TRUE(contains(error.what(), "of something else")) << error.what();
}

TEST_F(YamlStoreTest, RefusesFilesOfANewerVersion) {
  open();
  save(1);
  const std::filesystem::path file = job_ / "checkpoint.yaml";
  write(file, with_format(read_file(file), "2"));
  EXPECT_TRUE(contains(error_of([&] { loaded_position(); }).what(), "newer rowferry"));
  EXPECT_TRUE(contains(error_of([&] { save(2); }).what(), "newer rowferry"));
  loop_.run(store_->close());
  write(path_, with_format(read_file(path_), "2"));
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), "newer rowferry")) << error.what();
}

TEST_F(YamlStoreTest, RefusesTheFileOfAnotherStore) {
  make_folders(path_.parent_path());
  SqliteStore sqlite(path_, 10, loop_.runtime());
  loop_.run(sqlite.open());
  loop_.run(sqlite.close());
  const std::string before = read_file(path_);
  const Error error = error_of([&] { open(); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), "does not begin like a state file")) << error.what();
  EXPECT_TRUE(contains(error.what(), "daemon.state.path")) << error.what();
  EXPECT_EQ(read_file(path_), before);
}

}  // namespace
}  // namespace rowferry::test
