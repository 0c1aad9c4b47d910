#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <string>

#include "tests/unit/sinks/file/file_sink_fixture.hpp"

namespace rowferry::test {
namespace {

/// Files cannot grow beyond some bytes while it lives: a write fails as on a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes_max) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &former_);
    rlimit small = former_;
    small.rlim_cur = bytes_max;
    setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &former_); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit former_{};
};

TEST_F(FileSinkTest, GoesOnAfterAFullDisk) {
  open(1);
  write({{1, "one"}});
  commit();
  {
    const SmallDisk disk(100'000);
    const Error error = error_of([this] { write({{2, std::string(400'000, 'x')}}); });
    EXPECT_EQ(error.failure(), Failure::transient);
    EXPECT_NE(std::string(error.what()).find(base_.string()), std::string::npos) << error.what();
    // Whoever comes later tells the cause as well.
    EXPECT_STREQ(error_of([this] { write({{3, "three"}}); }).what(), error.what());
    EXPECT_STREQ(error_of([this] { commit(); }).what(), error.what());
    loop_.run(sink_->close());
  }
  open(1);
  write({{2, "two"}});
  write({{3, "three"}});
  commit_and_finish();
  EXPECT_EQ(read_change_log(base_, "movies").content,
            (TestContent{{1, "one"}, {2, "two"}, {3, "three"}}));
}

TEST_F(FileSinkTest, SaysThatAPartOfTheKeyIsAFile) {
  make_folders(base_);
  std::ofstream(base_ / "movies") << "a file";
  const Error error = error_of([this] {
    open(1);
    write({{1, "one"}});
  });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("is a file"), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, SaysThatTheFolderCannotBeMade) {
  std::ofstream(base_) << "a file";
  const Error error = error_of([this] { open(1); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find(base_.string()), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, NeedsARunInTheKeysOfIncrements) {
  use_key("{job}/{part}.ndjson");
  const Error error = error_of([this] { open(1, false); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("{run_seq}"), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, NeedsTheColumnsThatItsKeyNames) {
  use_key("{column:country}/{run_seq}-{part}.ndjson");
  const Error error = error_of([this] { open(1); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("country"), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, RefusesARowThatCannotBeEncodedAndTakesTheOthers) {
  open(1);
  Batch batch = make_batch(schema_, {{1, "one"}, {2, "two"}, {3, "three"}}, 1);
  batch.cell(1, 0) = batch.store("abc");  // no bigint has three bytes
  const WriteResult result = loop_.run(sink_->write(batch));
  commit_and_finish();
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_EQ(result.issues[0].row, 1u);
  EXPECT_FALSE(result.issues[0].retry);
  EXPECT_EQ(read_change_log(base_, "movies").content, (TestContent{{1, "one"}, {3, "three"}}));
}

TEST_F(FileSinkTest, KeepsTheOrderOfCallsOfWritesUnderWay) {
  open(1);
  std::vector<TestRow> many;
  for (std::int64_t id = 0; id < 20'000; ++id) {
    many.push_back({id, "first"});
  }
  const Batch first = make_batch(schema_, many, 1);
  const Batch second = make_batch(schema_, {{0, "second"}}, 2);
  const auto write_both = [&]() -> Task<> {
    const auto write_one = [&](const Batch& batch) -> Task<> {
      std::ignore = co_await sink_->write(batch);
    };
    TaskGroup group(loop_.executor());
    group.spawn(write_one(first));
    group.spawn(write_one(second));
    co_await group.join();
  };
  loop_.run(write_both());
  commit_and_finish();
  EXPECT_EQ(read_change_log(base_, "movies").content.at(0), "second");
}

}  // namespace
}  // namespace rowferry::test
