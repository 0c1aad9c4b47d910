#include "sinks/file/file_sink.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "tests/unit/sinks/file/file_sink_fixture.hpp"

namespace rowferry::test {
namespace {

TEST_F(FileSinkTest, WritesObjectsAndAManifestThatNamesThem) {
  full_run(1, {{1, "one"}, {2, std::nullopt}});
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/_manifest.json"}));
  const Manifest written = manifest();
  ASSERT_EQ(written.objects.size(), 1u);
  EXPECT_EQ(written.objects[0].rows, 2);
  EXPECT_EQ(written.job, "movies");
  EXPECT_EQ(written.table, "films");
  EXPECT_TRUE(written.full);
  const ChangeLog log = read_change_log(base_, "movies");
  EXPECT_EQ(log.content, (TestContent{{1, "one"}, {2, std::nullopt}}));
}

TEST_F(FileSinkTest, WritesCsvWithAHeaderInEachObject) {
  settings_.format = ObjectFormat::csv;
  settings_.object_bytes = 1024;
  use_key("{job}/{run_seq}-{part}.csv");
  open(1);
  write({{1, std::string(900, 'a')}, {2, std::string(900, 'b')}});
  commit_and_finish();
  EXPECT_EQ(content_of("movies/1-1.csv"), "id,title\n1," + std::string(900, 'a') + "\n");
  EXPECT_EQ(content_of("movies/1-2.csv"), "id,title\n2," + std::string(900, 'b') + "\n");
  EXPECT_EQ(manifest().objects[1].rows, 1);
}

TEST_F(FileSinkTest, KeepsObjectsWithinTheirSize) {
  settings_.object_bytes = 4096;
  open(1);
  for (std::int64_t batch = 0; batch < 10; ++batch) {
    std::vector<TestRow> rows;
    for (std::int64_t id = 0; id < 20; ++id) {
      rows.push_back({batch * 20 + id, std::string(100, 'x')});
    }
    write(rows);
  }
  commit_and_finish();
  EXPECT_GT(manifest().objects.size(), 3u);
  for (const ObjectEntry& entry : manifest().objects) {
    EXPECT_LE(entry.bytes, 4096);
  }
  EXPECT_EQ(read_change_log(base_, "movies").rows, 200u);
}

TEST_F(FileSinkTest, KeepsOneOldGeneration) {
  full_run(1, {{1, "one"}});
  full_run(2, {{2, "two"}});
  full_run(3, {{3, "three"}});
  EXPECT_EQ(files(), (Files{"movies/000002/part-0001.ndjson", "movies/000003/part-0001.ndjson",
                            "movies/_manifest.json"}));
  EXPECT_FALSE(std::filesystem::exists(base_ / "movies" / "000001"));
  EXPECT_EQ(manifest().objects[0].key, "movies/000003/part-0001.ndjson");
}

TEST_F(FileSinkTest, ReplacesObjectsWhoseKeysDoNotCarryTheRun) {
  use_key("{job}/part-{part}.ndjson");
  settings_.object_bytes = 1024;
  full_run(1, {{1, std::string(1000, 'a')}, {2, std::string(1000, 'b')}});
  EXPECT_EQ(files().size(), 3u);
  sink_.reset();
  full_run(2, {{3, "three"}});
  EXPECT_EQ(files(), (Files{"movies/part-1.ndjson", "movies/_manifest.json"}));
  EXPECT_EQ(read_change_log(base_, "movies").content, (TestContent{{3, "three"}}));
}

TEST_F(FileSinkTest, WritesOneObjectARunWithoutAPart) {
  use_key("films.ndjson");
  make_sink();
  EXPECT_EQ(sink_->traits().commit_when, CommitWhen::end_of_unit);
  full_run(1, {{1, "one"}});
  full_run(2, {{2, "two"}, {3, "three"}});
  EXPECT_EQ(files(), (Files{"films.ndjson", "_manifest.json"}));
  EXPECT_EQ(manifest("_manifest.json").objects[0].rows, 2);
}

TEST_F(FileSinkTest, WritesAManifestButNoObjectWithoutRows) {
  full_run(1, {{1, "one"}});
  full_run(2, {});
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/_manifest.json"}));
  EXPECT_EQ(manifest().run_seq, 2);
  EXPECT_TRUE(manifest().objects.empty());
}

TEST_F(FileSinkTest, WritesNothingForAnIncrementWithoutRows) {
  settings_.change_log = true;
  open(1, false);
  commit_and_finish();
  EXPECT_TRUE(files().empty());
}

TEST_F(FileSinkTest, NumbersTheManifestsOfIncrements) {
  settings_.change_log = true;
  for (std::int64_t run = 1; run <= 2; ++run) {
    open(run, false);
    write({{run, "title"}});
    commit_and_finish();
  }
  EXPECT_EQ(files(), (Files{"movies/000001/part-0001.ndjson", "movies/000002/part-0001.ndjson",
                            "movies/_manifest-000001.json", "movies/_manifest-000002.json",
                            "movies/_manifest.json"}));
  EXPECT_FALSE(manifest().full);
  EXPECT_EQ(manifest().run_seq, 2);
}

TEST_F(FileSinkTest, AddsChangeColumns) {
  settings_.change_columns = ChangeColumns::yes;
  settings_.change_log = true;
  open(1, false);
  write({{1, "one"}, removal(2)});
  commit_and_finish();
  EXPECT_EQ(content_of("movies/000001/part-0001.ndjson"),
            "{\"id\":1,\"title\":\"one\",\"_op\":\"upsert\",\"_sequence\":1}\n"
            "{\"id\":2,\"title\":null,\"_op\":\"delete\",\"_sequence\":1}\n");
  EXPECT_NE(manifest().schema_json.find("_sequence"), std::string::npos);
}

TEST_F(FileSinkTest, SpreadsRowsByAColumnAndEncodesItsValues) {
  use_key("{job}/t={column:title}/{run_seq}-{part}.ndjson");
  full_run(1, {{1, "a/../b"}, {2, ".."}, {3, std::nullopt}, {4, "a/../b"}, {5, "caf\xc3\xa9 x"}});
  EXPECT_EQ(files(),
            (Files{"movies/_manifest.json", "movies/t=%2E./1-2.ndjson",
                   "movies/t=__HIVE_DEFAULT_PARTITION__/1-3.ndjson",
                   "movies/t=a%2F..%2Fb/1-1.ndjson", "movies/t=caf%C3%A9%20x/1-4.ndjson"}));
  EXPECT_EQ(manifest().objects[0].rows, 2);
}

TEST_F(FileSinkTest, LeavesNothingHiddenBehind) {
  settings_.object_bytes = 1024;
  full_run(1, {{1, std::string(900, 'a')}, {2, std::string(900, 'b')}});
  for (const std::string& name : files()) {
    EXPECT_EQ(name.find("partial"), std::string::npos) << name;
  }
}

TEST_F(FileSinkTest, KeepsTheManifestOnlyWhereAsked) {
  settings_.manifest = false;
  full_run(1, {{1, "one"}});
  EXPECT_EQ(files(), Files{"movies/000001/part-0001.ndjson"});
}

TEST_F(FileSinkTest, FindsTheLastRunAfterALostState) {
  make_sink();
  EXPECT_EQ(loop_.run(sink_->last_run_seq("movies", "films")), 0);
  full_run(1, {{1, "one"}});
  full_run(2, {{1, "one"}});
  sink_.reset();
  make_sink();
  EXPECT_EQ(loop_.run(sink_->last_run_seq("movies", "films")), 2);
}

}  // namespace
}  // namespace rowferry::test
