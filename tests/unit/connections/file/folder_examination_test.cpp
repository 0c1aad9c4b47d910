#include "connections/file/folder_examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "connections/file/file_connection.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(FolderExamination, MakesNothing) {
  TestLoop loop;
  const TemporaryFolder folder;
  FileConnection connection("disk", folder.path() / "a" / "b", loop.runtime());
  const auto findings = loop.run(connection.examine());
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::ok);
  EXPECT_THAT(findings[0].text, HasSubstr("will be made"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(FolderExamination, SeesAFolderThatIsThere) {
  const TemporaryFolder folder;
  const FolderFacts facts = look_at_folder(folder.path());
  EXPECT_TRUE(facts.exists);
  EXPECT_TRUE(facts.is_writable);
  EXPECT_GT(facts.bytes_free, 0U);
  EXPECT_THAT(judge_folder(facts, 0)[0].text, HasSubstr("can be written"));
}

TEST(FolderExamination, AFileIsInTheWay) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "a") << "a file";
  const auto findings = judge_folder(look_at_folder(folder.path() / "a" / "b"), std::nullopt);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::wrong);
  EXPECT_THAT(findings[0].text, HasSubstr("/a is no folder"));
}

TEST(FolderExamination, SaysWhoMayNotWrite) {
  FolderFacts facts;
  facts.folder = "/srv/out";
  facts.nearest = "/srv";
  const auto findings = judge_folder(facts, std::nullopt);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::refused);
  EXPECT_THAT(findings[0].text, HasSubstr("may not make it in /srv"));
  EXPECT_THAT(findings[0].remedy, HasSubstr("mkdir -p /srv/out && chown "));
}

TEST(FolderExamination, WarnsWhenRoomIsShort) {
  FolderFacts facts;
  facts.folder = facts.nearest = "/srv";
  facts.exists = facts.is_writable = true;
  facts.bytes_free = 1u << 30;
  EXPECT_THAT(judge_folder(facts, 1 << 20), SizeIs(1));
  EXPECT_EQ(judge_folder(facts, std::int64_t{2} << 30).back().severity, Severity::warning);
  facts.bytes_free = 1u << 20;
  EXPECT_EQ(judge_folder(facts, std::nullopt).back().severity, Severity::warning);
}

}  // namespace
}  // namespace rowferry::test
