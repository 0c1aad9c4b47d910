#include <gtest/gtest.h>

#include <string>

#include "tests/unit/sinks/file/file_sink_fixture.hpp"

namespace rowferry::test {
namespace {

TEST_F(FileSinkTest, SavesTheIntentBeforeTheFileExists) {
  open(1);
  std::size_t files_at_save = 99;
  context_->save_receipt = [&](const Receipt& receipt) -> Task<> {
    files_at_save = files().size();
    loop_.saved_receipt = receipt;
    co_return;
  };
  write({{1, "one"}});
  EXPECT_EQ(files_at_save, 0u);
  EXPECT_NE(loop_.saved_receipt.json.find("part-0001"), std::string::npos);
}

TEST_F(FileSinkTest, DeletesWhatAKilledRunHadBegunAndTakesTheNextPart) {
  settings_.object_bytes = 1024;
  open(1);
  write({{1, "one"}});
  commit();
  write({{2, std::string(1000, 'b')}, {3, std::string(1000, 'c')}});
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/000001/part-0002.ndjson",
                            "movies/000001/.part-0003.ndjson.partial"}));
  sink_.reset();
  open(1);
  EXPECT_EQ(files(), Files{"movies/000001/part-0001.ndjson"});
  write({{2, "two"}});
  commit_and_finish();
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/000001/part-0004.ndjson",
                            "movies/_manifest.json"}));
}

TEST_F(FileSinkTest, KeepsTheStartOfAKilledRun) {
  use_key("{job}/{started}-{run_seq}-{part}");
  open(1);
  write({{1, "one"}});
  commit();
  sink_.reset();
  loop_.clock().advance(std::chrono::hours(30));
  open(1);
  write({{2, "two"}});
  commit_and_finish();
  EXPECT_EQ(files(), (Files{"movies/20260101T000000Z-1-1", "movies/20260101T000000Z-1-2",
                            "movies/_manifest.json"}));
}

TEST_F(FileSinkTest, DropsUncommittedRowsWhenItIsOpenedAgain) {
  open(1);
  write({{1, "one"}});
  commit();
  write({{2, "two"}});
  open(1);
  write({{2, "two"}});
  commit_and_finish();
  EXPECT_EQ(read_change_log(base_, "movies").rows, 2u);
}

TEST_F(FileSinkTest, LeavesAForeignFileAloneAndTakesTheNextPart) {
  make_folders(base_ / "movies" / "000001");
  std::ofstream(base_ / "movies" / "000001" / "part-0001.ndjson") << "foreign";
  full_run(1, {{1, "one"}});
  EXPECT_EQ(content_of("movies/000001/part-0001.ndjson"), "foreign");
  EXPECT_EQ(manifest().objects[0].key, "movies/000001/part-0002.ndjson");
  EXPECT_NE(loop_.logged().find("not ours"), std::string::npos);
}

TEST_F(FileSinkTest, DeletesTheObjectsOfAFullCopyThatWasGivenUp) {
  full_run(1, {{1, "one"}});
  open(2);
  write({{2, "two"}});
  commit();
  loop_.run(sink_->close());
  full_run(3, {{3, "three"}});
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/000003/part-0001.ndjson",
                            "movies/_manifest.json"}));
}

TEST_F(FileSinkTest, PublishesAnIncrementThatNeverFinished) {
  settings_.change_log = true;
  open(1, false);
  write({{1, "one"}});
  commit();
  loop_.run(sink_->close());
  open(2, false);
  write({{2, "two"}});
  commit_and_finish();
  EXPECT_EQ(manifest("movies/_manifest-000001.json").objects.size(), 1u);
  EXPECT_EQ(read_change_log(base_, "movies").content, (TestContent{{1, "one"}, {2, "two"}}));
}

TEST_F(FileSinkTest, LetsReadersTakeAwayWhatIsFinished) {
  settings_.change_log = true;
  open(1, false);
  write({{1, "one"}});
  commit_and_finish();
  std::filesystem::remove_all(base_);
  finish();
  sink_.reset();
  open(1, false);
  finish();
  open(2, false);
  write({{2, "two"}});
  commit_and_finish();
  EXPECT_EQ(read_change_log(base_, "movies").content, (TestContent{{2, "two"}}));
}

TEST_F(FileSinkTest, StopsWhenTheStateIsOlderThanTheFolder) {
  full_run(5, {{1, "one"}});
  sink_.reset();
  loop_.saved_receipt = {};
  const Error error = error_of([this] { open(2); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("run 5"), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, StopsAtTheManifestOfAnotherJob) {
  use_key("shared/{run_seq}-{part}");
  full_run(1, {{1, "one"}});
  sink_.reset();
  loop_.saved_receipt = {};
  make_sink();
  context_ = loop_.context(1);
  context_->job = "other";
  context_->full_copy = true;
  const Error error =
      error_of([this] { loop_.run(sink_->open(schema_, *context_, loop_.saved_receipt)); });
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_NE(std::string(error.what()).find("job movies"), std::string::npos) << error.what();
}

TEST_F(FileSinkTest, DoesNotFinishWhenAnObjectWasChangedBeforeIt) {
  open(1);
  write({{1, "one"}});
  commit();
  std::ofstream(base_ / "movies" / "000001" / "part-0001.ndjson", std::ios::app) << "more";
  const Error changed = error_of([this] { finish(); });
  EXPECT_EQ(changed.failure(), Failure::internal);
  EXPECT_NE(std::string(changed.what()).find("somebody changed it"), std::string::npos);
  std::filesystem::remove(base_ / "movies" / "000001" / "part-0001.ndjson");
  EXPECT_NE(std::string(error_of([this] { finish(); }).what()).find("is gone"), std::string::npos);
}

TEST_F(FileSinkTest, LeavesTheObjectsOfAnUnreadableManifestAlone) {
  full_run(1, {{1, "one"}});
  std::ofstream(base_ / "movies" / "_manifest.json") << "{\"job\": \"mov";
  full_run(2, {{2, "two"}});
  full_run(3, {{3, "three"}});
  EXPECT_TRUE(files().contains("movies/000001/part-0001.ndjson"));
  EXPECT_NE(loop_.logged().find("not readable"), std::string::npos);
}

TEST_F(FileSinkTest, NeverDeletesWhatAManifestNamesOutsideTheFolder) {
  std::ofstream(folder_.path() / "precious") << "precious";
  full_run(1, {{1, "one"}});
  Manifest forged = manifest();
  forged.objects[0].key = "../precious";
  std::ofstream(base_ / "movies" / "_manifest.json") << encode_manifest(forged);
  full_run(2, {{2, "two"}});
  full_run(3, {{3, "three"}});
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "precious"));
}

}  // namespace
}  // namespace rowferry::test
