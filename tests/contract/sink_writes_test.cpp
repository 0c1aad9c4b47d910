#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/contract/sink_contract.hpp"

namespace rowferry::test {
namespace {

TEST_P(SinkContract, TakesRows) {
  open();
  const WriteResult result = write({{1, "one"}, {2, std::nullopt}, {3, ""}});
  EXPECT_TRUE(result.issues.empty());
  EXPECT_GT(result.bytes, 0u);
  commit_and_finish();
  expect_content({{1, "one"}, {2, std::nullopt}, {3, ""}});
}

TEST_P(SinkContract, TakesTextOfEveryKind) {
  const std::vector<TestRow> rows = {{1, "quote \" backslash \\ slash /"},
                                     {2, "line\nfeed\ttab\r"},
                                     {3, "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"},
                                     {4, "\x01\x1f\x7f"},
                                     {5, "../../etc/passwd"},
                                     {6, " leading and trailing "}};
  open();
  write(rows);
  commit_and_finish();
  TestContent expected;
  apply_rows(expected, rows);
  expect_content(expected);
}

TEST_P(SinkContract, TakesABatchTwice) {
  open();
  const Batch batch = next_batch({{1, "one"}, {2, "two"}});
  write(batch);
  write(batch);
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
}

TEST_P(SinkContract, LetsTheLaterWriteWin) {
  open();
  write({{1, "old"}, {2, "two"}});
  commit();
  write({{1, "new"}});
  commit_and_finish();
  expect_content({{1, "new"}, {2, "two"}});
}

TEST_P(SinkContract, LetsTheLaterRowOfABatchWin) {
  open();
  write({{1, "first"}, {1, "second"}, {1, "third"}});
  commit_and_finish();
  expect_content({{1, "third"}});
}

TEST_P(SinkContract, RemovesRows) {
  if (!traits().takes_removals) {
    return;
  }
  open();
  write({{1, "one"}, {2, "two"}, {3, "three"}});
  commit();
  write({removal(2), removal(99)});
  write({removal(3)});
  write({{3, "three again"}});
  commit_and_finish();
  expect_content({{1, "one"}, {3, "three again"}});
}

TEST_P(SinkContract, DoesNotLetAnOlderWriteOverwriteWhereOrderIsFree) {
  const bool free_order = traits().identity == SinkIdentity::row && traits().writes_in_flight > 1;
  if (!free_order) {
    return;
  }
  open();
  const Batch older = next_batch({{1, "old"}, {2, "two"}, {3, "stale"}});
  const Batch newer = next_batch({{1, "new"}, removal(3)});
  write(newer);
  EXPECT_TRUE(write(older).issues.empty());
  commit_and_finish();
  expect_content({{1, "new"}, {2, "two"}});
}

TEST_P(SinkContract, TakesAsManyWritesAtOnceAsItSays) {
  open();
  std::vector<Batch> batches;
  TestContent expected;
  for (std::size_t number = 0; number < traits().writes_in_flight; ++number) {
    std::vector<TestRow> rows;
    for (std::int64_t id = 0; id < 200; ++id) {
      rows.push_back({id * (static_cast<std::int64_t>(number) + 1),
                      fmt::format("row {} of batch {}", id, number)});
    }
    batches.push_back(next_batch(rows));
    apply_rows(expected, rows);
  }
  std::vector<const Batch*> pointers;
  for (const Batch& batch : batches) {
    pointers.push_back(&batch);
  }
  write_at_once(pointers);
  commit_and_finish();
  expect_content(expected);
}

TEST_P(SinkContract, SaysWhichRowsWereRefusedAndTakesTheOthers) {
  const std::optional<TestRow> refused = harness_->refused_row();
  if (!refused) {
    return;
  }
  open();
  const WriteResult result = write({{1, "one"}, *refused, {3, "three"}});
  ASSERT_EQ(result.issues.size(), 1u);
  EXPECT_EQ(result.issues[0].row, 1u);
  EXPECT_FALSE(result.issues[0].retry);
  EXPECT_FALSE(result.issues[0].reason.empty());
  commit_and_finish();
  expect_content({{1, "one"}, {3, "three"}});
}

TEST_P(SinkContract, TakesAnotherSchemaWithinARun) {
  open();
  write({{1, "one"}});
  open_with(test_schema({"note"}));
  write({{2, "two"}});
  commit();
  open_with(test_schema());
  write({{3, "three"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}, {3, "three"}});
}

TEST_P(SinkContract, TakesManyBatchesBetweenCommits) {
  open();
  TestContent expected;
  for (std::int64_t number = 0; number < 20; ++number) {
    std::vector<TestRow> rows;
    for (std::int64_t id = number * 10; id < number * 10 + 30; ++id) {
      rows.push_back({id, fmt::format("title {} of batch {}", id % 3, number)});
    }
    write(rows);
    apply_rows(expected, rows);
    if (number % 4 == 3) {
      commit();
    }
  }
  commit_and_finish();
  expect_content(expected);
}

}  // namespace
}  // namespace rowferry::test
