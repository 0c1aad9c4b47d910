#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "tests/contract/state_store_contract.hpp"

namespace rowferry::test {
namespace {

TEST_P(StateStoreContract, NumbersRunsPerJobAndIdsOverall) {
  const Run first = start("movies");
  const Run other = start("other");
  const Run second = start("movies");
  EXPECT_EQ(first.run_seq, 1);
  EXPECT_EQ(other.run_seq, 1);
  EXPECT_EQ(second.run_seq, 2);
  EXPECT_LT(first.id, other.id);
  EXPECT_LT(other.id, second.id);
}

TEST_P(StateStoreContract, KeepsARunSeqThatIsGiven) {
  Run wanted;
  wanted.job = "movies";
  wanted.run_seq = 40;
  EXPECT_EQ(run(store_->start_run(wanted)).run_seq, 40);
  EXPECT_EQ(start("movies").run_seq, 41);
}

TEST_P(StateStoreContract, RaisesTheRunSeqButNeverLowersIt) {
  run(store_->raise_run_seq("movies", 12));
  run(store_->raise_run_seq("movies", 3));
  restart();
  EXPECT_EQ(start("movies").run_seq, 13);
}

TEST_P(StateStoreContract, CutsTheHistoryPerJobAndReusesNoNumber) {
  for (int count = 0; count < 6; ++count) {
    start_and_finish("movies");
  }
  const Run other = start_and_finish("other");
  RunQuery query;
  query.job = "movies";
  const std::vector<Run> kept = run(store_->runs(query));
  ASSERT_EQ(kept.size(), kHistoryRuns);
  EXPECT_EQ(kept.front().run_seq, 6);
  EXPECT_EQ(kept.back().run_seq, 4);
  restart();
  const Run next = start("movies");
  EXPECT_EQ(next.run_seq, 7);
  EXPECT_GT(next.id, other.id);
  EXPECT_TRUE(run(store_->run(other.id)).has_value());
}

TEST_P(StateStoreContract, KeepsARunThatWasRunningWhenTheProcessDied) {
  const Run running = start("movies");
  restart();
  for (int count = 0; count < 5; ++count) {
    start_and_finish("movies");
  }
  const auto found = run(store_->run(running.id));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->state, RunState::running);
  EXPECT_FALSE(found->finished_at.has_value());
}

TEST_P(StateStoreContract, GivesARunBackAsItWasUpdated) {
  Run started = start("movies", RunState::queued);
  started.type = RunType::backfill;
  started.state = RunState::failed;
  started.finished_at = started.started_at + std::chrono::seconds(3);
  started.counters = {1, 2, 3, 4, 5, 6};
  started.retries = 7;
  started.error = "relation \"films\" does not exist";
  started.report_json = R"({"equal":false})";
  started.from = "2026-01-01";
  started.to = "2026-01-02";
  run(store_->update_run(started));
  restart();
  const Run found = run(store_->run(started.id)).value();
  EXPECT_EQ(found.job, "movies");
  EXPECT_EQ(found.type, RunType::backfill);
  EXPECT_EQ(found.state, RunState::failed);
  EXPECT_EQ(found.started_at, started.started_at);
  EXPECT_EQ(found.finished_at, started.finished_at);
  EXPECT_EQ(found.counters.rows_read, 1);
  EXPECT_EQ(found.counters.rows_deleted, 3);
  EXPECT_EQ(found.counters.bytes_written, 6);
  EXPECT_EQ(found.retries, 7);
  EXPECT_EQ(found.error, started.error);
  EXPECT_EQ(found.report_json, started.report_json);
  EXPECT_EQ(found.from, "2026-01-01");
  EXPECT_EQ(found.to, "2026-01-02");
}

TEST_P(StateStoreContract, RefusesToUpdateARunThatItDoesNotHold) {
  Run unknown;
  unknown.id = 99;
  unknown.job = "movies";
  EXPECT_THROW(run(store_->update_run(unknown)), Error);
  EXPECT_FALSE(run(store_->run(99)).has_value());
}

TEST_P(StateStoreContract, ListsRunsNewestFirstByJobStateAndPage) {
  const Run done = start_and_finish("movies");
  const Run running = start("movies");
  const Run other = start("other");
  const std::vector<Run> all = run(store_->runs({}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].id, other.id);
  EXPECT_EQ(all[2].id, done.id);
  RunQuery query;
  query.job = "movies";
  query.state = RunState::running;
  ASSERT_EQ(run(store_->runs(query)).size(), 1u);
  EXPECT_EQ(run(store_->runs(query))[0].id, running.id);
  RunQuery page;
  page.limit = 1;
  page.before = other.id;
  ASSERT_EQ(run(store_->runs(page)).size(), 1u);
  EXPECT_EQ(run(store_->runs(page))[0].id, running.id);
}

TEST_P(StateStoreContract, NeverLowersASequenceMark) {
  EXPECT_EQ(run(store_->sequence_mark("movies")), 0);
  run(store_->save_sequence_mark("movies", 1'800'000'000'000'000));
  run(store_->save_sequence_mark("movies", 5));
  restart();
  EXPECT_EQ(run(store_->sequence_mark("movies")), 1'800'000'000'000'000);
  EXPECT_EQ(run(store_->sequence_mark("other")), 0);
}

TEST_P(StateStoreContract, RemembersAPauseAcrossRestarts) {
  EXPECT_FALSE(run(store_->paused("movies")));
  run(store_->set_paused("movies", true));
  restart();
  EXPECT_TRUE(run(store_->paused("movies")));
  EXPECT_FALSE(run(store_->paused("other")));
  run(store_->set_paused("movies", false));
  EXPECT_FALSE(run(store_->paused("movies")));
}

}  // namespace
}  // namespace rowferry::test
