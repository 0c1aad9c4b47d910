#include <gtest/gtest.h>

#include <string>

#include "core/state_store.hpp"
#include "tests/contract/sink_contract.hpp"

namespace rowferry::test {
namespace {

TEST_P(SinkContract, LosesNothingThatWasFlushed) {
  open();
  write({{1, "one"}});
  commit();
  kill();
  open();
  write({{2, "two"}});
  commit();
  kill();
  open();
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
  EXPECT_EQ(harness_->rows_as_read(), 2u);
}

TEST_P(SinkContract, TakesRowsAgainThatWereWrittenButNotFlushed) {
  open();
  write({{1, "one"}});
  commit();
  write({{2, "two"}, {3, "three"}});
  kill();
  open();
  write({{2, "two"}, {3, "three"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}, {3, "three"}});
  EXPECT_EQ(harness_->rows_as_read(), 3u);
}

TEST_P(SinkContract, TakesRowsAgainWhoseReceiptWasNotSaved) {
  open();
  write({{1, "one"}});
  commit();
  write({{2, "two"}});
  flush_without_saving();
  open();
  write({{2, "two"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
  EXPECT_EQ(harness_->rows_as_read(), 2u);
}

TEST_P(SinkContract, GoesOnAfterAClose) {
  open();
  write({{1, "one"}});
  commit();
  write({{2, "lost"}});
  close();
  close();
  open();
  write({{2, "two"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
  EXPECT_EQ(harness_->rows_as_read(), 2u);
}

TEST_P(SinkContract, ForgetsARunThatStartsOver) {
  open(1, true);
  write({{1, "one"}, {2, "two"}});
  commit();
  write({{3, "three"}});
  kill();
  open(1, true, true);
  write({{1, "one"}, {2, "two"}, {3, "three"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}, {3, "three"}});
  EXPECT_EQ(harness_->rows_as_read(), 3u);
}

TEST_P(SinkContract, FinishesTwice) {
  open();
  write({{1, "one"}});
  commit_and_finish();
  finish();
  kill();
  open();
  finish();
  expect_content({{1, "one"}});
  EXPECT_EQ(harness_->rows_as_read(), 1u);
}

TEST_P(SinkContract, FinishesARunThatWasKilledBeforeItsFinish) {
  open();
  write({{1, "one"}});
  commit();
  kill();
  open();
  finish();
  expect_content({{1, "one"}});
}

TEST_P(SinkContract, TakesOneRunAfterAnother) {
  open(1);
  write({{1, "one"}, {2, "two"}});
  commit_and_finish();
  open(2);
  write({{2, "two again"}});
  commit_and_finish();
  kill();
  open(3);
  write({{3, "three"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two again"}, {3, "three"}});
}

TEST_P(SinkContract, KeepsTheCommittedRowsOfARunThatNeverFinished) {
  open(1);
  write({{1, "one"}});
  commit();
  write({{2, "lost"}});
  close();
  open(2);
  write({{2, "two"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
}

TEST_P(SinkContract, TakesARunWithoutRows) {
  open(1);
  write({{1, "one"}});
  commit_and_finish();
  open(2);
  commit_and_finish();
  open(3);
  finish();
  expect_content({{1, "one"}});
}

TEST_P(SinkContract, OpensAnOpenSinkAgain) {
  open();
  open();
  write({{1, "one"}});
  commit();
  open();
  write({{2, "two"}});
  commit_and_finish();
  expect_content({{1, "one"}, {2, "two"}});
}

TEST_P(SinkContract, CommitsItsOwnCheckpointWithTheRows) {
  if (sink_->checkpoints() == nullptr) {
    return;
  }
  open();
  write({{1, "one"}});
  commit();
  const std::string committed = checkpoint_.position.json;
  write({{2, "two"}});
  kill();
  const auto loaded = loop_.run(sink_->checkpoints()->load("movies", ""));
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->position.json, committed);
  EXPECT_EQ(harness_->content(), (TestContent{{1, "one"}}));
}

}  // namespace
}  // namespace rowferry::test
