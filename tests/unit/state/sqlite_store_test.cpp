#include "state/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "sqlite/database.hpp"
#include "sqlite/statement.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {
namespace {

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> make() {
    return std::make_unique<SqliteStore>(path_, 1000, loop_.runtime());
  }

  void open(StoreAccess access = StoreAccess::exclusive) {
    store_ = make();
    loop_.run(store_->open(access));
  }

  void close() {
    loop_.run(store_->close());
    store_.reset();
  }

  void save(std::int64_t number) {
    Checkpoint checkpoint;
    checkpoint.position.json = "{\"number\":" + std::to_string(number) + "}";
    loop_.run(store_->save("movies", "", checkpoint));
  }

  std::string loaded_position() {
    const auto checkpoint = loop_.run(store_->load("movies", ""));
    return checkpoint ? checkpoint->position.json : "none";
  }

  /// Changes the closed file by SQL.
  void execute(const std::string& sql) {
    sqlite::Database database(path_, sqlite::OpenMode::read_write);
    database.execute(sql.c_str());
  }

  /// The error of opening the store.
  Error open_error() {
    const auto store = make();
    try {
      loop_.run(store->open());
    } catch (const Error& error) {
      return error;
    }
    return Error(Failure::internal, "opened");
  }

  TestLoop loop_;
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "a" / "b" / "state.db";
  std::unique_ptr<SqliteStore> store_;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(SqliteStoreTest, MakesFolderAndFileForThisUserAlone) {
  open();
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(stat(path_.parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(SqliteStoreTest, NamesThePathWhenTheFolderCannotBeMade) {
  std::ofstream(folder_.path() / "a") << "a file";
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), (folder_.path() / "a").string())) << error.what();
}

TEST_F(SqliteStoreTest, FallsBackToThePreviousGenerationAndWarns) {
  open();
  save(1);
  save(2);
  save(3);
  close();
  execute("UPDATE checkpoints_odd SET content = replace(content, '3', '9')");
  open();
  EXPECT_EQ(loaded_position(), "{\"number\":2}");
  EXPECT_TRUE(contains(loop_.logged(), "damaged")) << loop_.logged();
  save(4);
  EXPECT_EQ(loaded_position(), "{\"number\":4}");
}

TEST_F(SqliteStoreTest, FallsBackWhenTheNumberOfTheGenerationIsDamaged) {
  open();
  save(1);
  save(2);
  close();
  execute("UPDATE checkpoints_even SET generation = 9223372036854775807");
  open();
  EXPECT_EQ(loaded_position(), "{\"number\":1}");
  save(3);
  close();
  open();
  EXPECT_EQ(loaded_position(), "{\"number\":3}");
}

TEST_F(SqliteStoreTest, SaysSoWhenBothGenerationsAreDamaged) {
  open();
  save(1);
  save(2);
  close();
  execute("UPDATE checkpoints_even SET content = 'x'");
  execute("UPDATE checkpoints_odd SET content = 'x'");
  open();
  try {
    loaded_position();
    FAIL() << "a damaged checkpoint was taken for none";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_TRUE(contains(error.what(), path_.string())) << error.what();
    EXPECT_TRUE(contains(error.what(), "job movies")) << error.what();
    EXPECT_TRUE(contains(error.what(), "--full")) << error.what();
  }
  // What --full does.
  loop_.run(store_->erase("movies", ""));
  EXPECT_EQ(loaded_position(), "none");
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  make_folders(path_.parent_path());
  std::ofstream(path_) << std::string(8192, 'x');
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::internal);
  EXPECT_TRUE(contains(error.what(), "is damaged")) << error.what();
  EXPECT_TRUE(contains(error.what(), "backup")) << error.what();
}

TEST_F(SqliteStoreTest, RefusesAFileWithDamagedPages) {
  open();
  for (std::int64_t number = 1; number <= 50; ++number) {
    save(number);
    rowferry::Run run;
    run.job = "movies";
    run.error = std::string(2000, 'e');
    loop_.run(store_->start_run(run));
  }
  close();
  const auto size = std::filesystem::file_size(path_);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2 / 4096 * 4096));
  file << std::string(4096, '\xff');
  file.close();
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::internal);
  EXPECT_TRUE(contains(error.what(), path_.string())) << error.what();
}

TEST_F(SqliteStoreTest, RefusesATruncatedFile) {
  open();
  save(1);
  close();
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 2);
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::internal);
  EXPECT_TRUE(contains(error.what(), "is damaged")) << error.what();
}

TEST_F(SqliteStoreTest, RefusesTheFileOfANewerVersion) {
  open();
  close();
  execute("PRAGMA user_version = 99");
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), "newer rowferry")) << error.what();
}

TEST_F(SqliteStoreTest, RefusesTheDatabaseOfSomethingElse) {
  make_folders(path_.parent_path());
  sqlite::Database(path_, sqlite::OpenMode::create).execute("CREATE TABLE films (id INTEGER)");
  const Error error = open_error();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_TRUE(contains(error.what(), "not a state of rowferry")) << error.what();
}

TEST_F(SqliteStoreTest, NamesTheProcessThatHoldsTheFile) {
  open();
  EXPECT_TRUE(contains(open_error().what(), std::to_string(getpid()))) << open_error().what();
}

/// Opens the store and locks a job, says so through the pipe, and waits to be killed.
[[noreturn]] void hold_store(const std::filesystem::path& path, int ready) {
  TestLoop loop;
  SqliteStore store(path, 1000, loop.runtime());
  loop.run(store.open());
  const bool locked = loop.run(store.try_lock_job("movies"));
  const ssize_t told = ::write(ready, locked ? "y" : "n", 1);
  pause();
  _exit(told == 1 ? 0 : 1);
}

// The child is made while this process has a single thread: a copy of a lock that another thread
// holds would never be given back.
TEST(SqliteStoreOfTwoProcesses, IsTakenOverFromOneThatWasKilled) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "state.db";
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    hold_store(path, ready[1]);
  }
  char locked = 'n';
  ASSERT_EQ(::read(ready[0], &locked, 1), 1);
  EXPECT_EQ(locked, 'y');
  TestLoop loop;
  SqliteStore store(path, 1000, loop.runtime());
  try {
    loop.run(store.open());
    ADD_FAILURE() << "opened";
  } catch (const Error& error) {
    EXPECT_TRUE(contains(error.what(), std::to_string(child))) << error.what();
  }
  loop.run(store.open(StoreAccess::shared));
  EXPECT_FALSE(loop.run(store.try_lock_job("movies")));
  loop.run(store.close());
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  loop.run(store.open());
  EXPECT_TRUE(loop.run(store.try_lock_job("movies")));
  loop.run(store.close());
}

TEST_F(SqliteStoreTest, KeepsTheOldStateWhenTheDiskIsFullAndGoesOnLater) {
  open();
  save(1);
  // Writing beyond this size fails, like a full disk.
  signal(SIGXFSZ, SIG_IGN);
  rlimit former{};
  getrlimit(RLIMIT_FSIZE, &former);
  rlimit small = former;
  small.rlim_cur = 200'000;
  setrlimit(RLIMIT_FSIZE, &small);
  Checkpoint large;
  large.position.json = std::string(1u << 20, '7');
  try {
    loop_.run(store_->save("movies", "", large));
    ADD_FAILURE() << "saved on a full disk";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::internal);
    EXPECT_TRUE(contains(error.what(), path_.string())) << error.what();
  }
  EXPECT_EQ(loaded_position(), "{\"number\":1}");
  setrlimit(RLIMIT_FSIZE, &former);
  loop_.run(store_->save("movies", "", large));
  EXPECT_EQ(loaded_position(), large.position.json);
  close();
  open();
  EXPECT_EQ(loaded_position(), large.position.json);
}

TEST_F(SqliteStoreTest, RefusesCallsBeforeItIsOpen) {
  store_ = make();
  EXPECT_THROW(save(1), Error);
}

}  // namespace
}  // namespace rowferry::test
