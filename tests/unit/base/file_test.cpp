#include "base/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry {
namespace {

class FileTest : public testing::Test {
 protected:
  test::TemporaryFolder folder_;
};

template <class Function>
Error error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  return {Failure::internal, "no error"};
}

TEST_F(FileTest, WritesAndReadsBack) {
  const std::string content(300'000, 'x');
  File file = File::open(folder_.path() / "a", O_WRONLY | O_CREAT);
  file.write(content);
  file.write("end");
  file.sync();
  file.close();
  EXPECT_FALSE(file.is_open());
  EXPECT_EQ(read_file(folder_.path() / "a"), content + "end");
}

TEST_F(FileTest, MakesFoldersAndLeavesExistingOnesAlone) {
  make_folders(folder_.path() / "a" / "b" / "c");
  std::ofstream(folder_.path() / "a" / "b" / "f") << "f";
  make_folders(folder_.path() / "a" / "b" / "c");
  EXPECT_TRUE(std::filesystem::is_directory(folder_.path() / "a" / "b" / "c"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "a" / "b" / "f"));
}

TEST_F(FileTest, SaysThatAPartOfAPathIsAFile) {
  std::ofstream(folder_.path() / "a") << "f";
  const Error error = error_of([this] { make_folders(folder_.path() / "a" / "b"); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("is a file"), std::string::npos) << error.what();
}

TEST_F(FileTest, SaysThatANameIsTooLong) {
  const Error error = error_of([this] {
    std::ignore = File::open(folder_.path() / std::string(300, 'x'), O_WRONLY | O_CREAT);
  });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("shorten"), std::string::npos) << error.what();
}

TEST_F(FileTest, CallsAFullDiskTransient) {
  const Error error = error_of([] {
    File full = File::open("/dev/full", O_WRONLY);
    full.write("x");
  });
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "disk_full");
}

TEST_F(FileTest, TellsWhetherThereWasAFileToRemove) {
  std::ofstream(folder_.path() / "a") << "f";
  EXPECT_TRUE(remove_file(folder_.path() / "a"));
  EXPECT_FALSE(remove_file(folder_.path() / "a"));
  EXPECT_FALSE(remove_file(folder_.path() / "no" / "such" / "folder"));
}

TEST_F(FileTest, RenamesOverAnExistingFile) {
  std::ofstream(folder_.path() / "a") << "new";
  std::ofstream(folder_.path() / "b") << "old";
  rename_file(folder_.path() / "a", folder_.path() / "b");
  EXPECT_EQ(read_file(folder_.path() / "b"), "new");
}

}  // namespace
}  // namespace rowferry
