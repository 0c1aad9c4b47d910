#include "connections/file/file_connection.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {
namespace {

TEST(FileConnection, MakesItsFolder) {
  TestLoop loop;
  const TemporaryFolder folder;
  FileConnection connection("disk", folder.path() / "a" / "b", loop.runtime());
  loop.run(connection.probe());
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a" / "b"));
  EXPECT_EQ(connection.name(), "disk");
}

TEST(FileConnection, NamesThePathThatCannotBeUsed) {
  TestLoop loop;
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "a") << "a file";
  FileConnection connection("disk", folder.path() / "a", loop.runtime());
  try {
    loop.run(connection.probe());
    FAIL() << "a file was taken for a folder";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(folder.path().string()), std::string::npos);
  }
}

}  // namespace
}  // namespace rowferry::test
