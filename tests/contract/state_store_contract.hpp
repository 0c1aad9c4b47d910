#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "core/state_store.hpp"
#include "state/memory_store.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {

inline constexpr std::size_t kHistoryRuns = 3;

/// A place where stores keep their state; each `make` is a new process.
struct Place {
  TestLoop loop;
  TemporaryFolder folder;
  std::shared_ptr<MemoryState> memory = std::make_shared<MemoryState>();
};

/// An implementation under its name.
struct Kind {
  std::string name;
  std::function<std::unique_ptr<StateStore>(Place& place)> make;
};

/// What the engine relies on in a state store, whatever it is kept in. The instantiations are in
/// state_store_contract_test.cpp.
class StateStoreContract : public testing::TestWithParam<Kind> {
 protected:
  using Run = rowferry::Run;  // hides testing::Test::Run

  void SetUp() override {
    store_ = make();
    run(store_->open());
  }
  void TearDown() override {
    if (store_) {
      run(store_->close());
    }
  }

  std::unique_ptr<StateStore> make() { return GetParam().make(place_); }

  /// Ends the process that has the store, and starts the next one.
  void restart() {
    store_.reset();
    store_ = make();
    run(store_->open());
  }

  template <class T>
  T run(Task<T> task) {
    return place_.loop.run(std::move(task));
  }

  Run start(const std::string& job, RunState state = RunState::running) {
    Run wanted;
    wanted.job = job;
    wanted.state = state;
    wanted.started_at = place_.loop.clock().wall_now();
    return run(store_->start_run(wanted));
  }

  Run start_and_finish(const std::string& job) {
    Run started = start(job);
    started.state = RunState::succeeded;
    started.finished_at = place_.loop.clock().wall_now();
    run(store_->update_run(started));
    return started;
  }

  Place place_;
  std::unique_ptr<StateStore> store_;
};

/// A checkpoint with something in every member.
inline Checkpoint make_checkpoint(std::int64_t run_seq) {
  Checkpoint checkpoint;
  checkpoint.position.json = R"({"low":"2026-01-01 00:00:00+00","text":"ä \"quoted\" \\ \u0001"})";
  checkpoint.receipt.json = R"({"objects":[]})";
  checkpoint.totals = {10, 9, 1, 2, 300, 400};
  checkpoint.run_counters = {5, 4, 1, 0, 30, 40};
  checkpoint.run_seq = run_seq;
  checkpoint.complete = run_seq % 2 == 1;
  checkpoint.definition = "columns: id\ttitle\n";
  return checkpoint;
}

inline void expect_equal(const Checkpoint& left, const Checkpoint& right) {
  EXPECT_EQ(left.position, right.position);
  EXPECT_EQ(left.receipt, right.receipt);
  EXPECT_EQ(left.totals.rows_read, right.totals.rows_read);
  EXPECT_EQ(left.totals.bytes_written, right.totals.bytes_written);
  EXPECT_EQ(left.run_counters.rows_deleted, right.run_counters.rows_deleted);
  EXPECT_EQ(left.run_counters.rows_rejected, right.run_counters.rows_rejected);
  EXPECT_EQ(left.run_seq, right.run_seq);
  EXPECT_EQ(left.complete, right.complete);
  EXPECT_EQ(left.definition, right.definition);
}

}  // namespace rowferry::test
