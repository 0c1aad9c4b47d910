#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/unit/engine/lab.hpp"

namespace rowferry::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

TEST(JobRequests, ARunThatWasAskedForIsARunWithZeroRows) {
  VersionedLab lab;
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.start();
  lab.pass(seconds(20));
  EXPECT_EQ(lab.world.script->opened.size(), 0u);
  const RunView view = lab.ask(RunType::sync);
  EXPECT_EQ(view.run.state, RunState::queued);
  EXPECT_EQ(view.run.run_seq, 1);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; });
  EXPECT_EQ(lab.run(1).counters.rows_read, 0);
  EXPECT_EQ(lab.world.target->finishes, 1u);
}

TEST(JobRequests, ASyncAskedForWhileOneRunsIsThatRun) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  Event gate(lab.loop.executor());
  bool open = false;
  lab.at_step = [&](std::string_view step) -> Task<> {
    while (step == "sink.write" && !open) {
      co_await gate.wait();
    }
  };
  lab.start();
  lab.until([&]() { return lab.reached("sink.write"); });
  EXPECT_EQ(lab.state(), JobState::running);
  EXPECT_EQ(lab.ask(RunType::sync).run.id, 1);
  const RunView full = lab.ask(RunType::full);
  EXPECT_EQ(full.run.id, 2);
  EXPECT_EQ(full.run.state, RunState::queued);
  EXPECT_THROW(lab.ask(RunType::full), RefusedError);
  open = true;
  gate.notify();
  lab.until([&]() { return lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.runs(), 2u);
}

TEST(JobRequests, ARunThatWasOvertakenWhileItWasQueuedIsNumberedAnew) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  bool was_asked = false;
  lab.at_step = [&](std::string_view step) -> Task<> {
    // The poll has found rows, and its run has no number yet.
    if (step == "store.start_run" && !std::exchange(was_asked, true)) {
      RunRequest request;
      request.type = RunType::full;
      co_await lab.board().start_run("movies", std::move(request));
    }
  };
  lab.start();
  lab.until([&]() { return lab.runs() == 2 && lab.runs_over(); });
  EXPECT_EQ(lab.run(2).type, RunType::sync);
  EXPECT_EQ(lab.run(2).run_seq, 2);
  EXPECT_EQ(lab.run(1).type, RunType::full);
  EXPECT_EQ(lab.run(1).run_seq, 3);
}

TEST(JobRequests, AFullRunReadsFromTheBeginning) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}, {films(4, 1)}};
  lab.start();
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  const RunView full = lab.ask(RunType::full);
  lab.until([&]() { return lab.run_state(full.run.id) == RunState::succeeded; });
  EXPECT_TRUE(lab.world.script->opened.back().empty());
  EXPECT_EQ(lab.run(full.run.id).counters.rows_read, 3);
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 7);
}

TEST(JobRequests, ATriggerCutsTheBackoffShort) {
  VersionedLab lab;
  lab.job.settings.retry.initial_delay = std::chrono::hours(1);
  lab.job.settings.retry.max_delay = std::chrono::hours(1);
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.write", 1, unreachable());
  lab.start();
  lab.until([&]() { return lab.state() == JobState::backing_off; });
  EXPECT_EQ(lab.ask(RunType::sync).run.id, 1);
  lab.until([&]() { return lab.run_state(1) == RunState::succeeded; }, seconds(2));
}

TEST(JobRequests, ATriggerDuringAFailingPollIsMadeByTheNextAttempt) {
  VersionedLab lab;
  lab.job.settings.retry.initial_delay = std::chrono::hours(1);
  lab.job.settings.retry.max_delay = std::chrono::hours(1);
  lab.at_step = fail_at("source.open", 1, unreachable());
  lab.start();
  lab.until([&]() { return lab.state() == JobState::backing_off; });
  EXPECT_EQ(lab.runs(), 0u);
  const RunView view = lab.ask(RunType::sync);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; }, seconds(2));
}

TEST(JobRequests, ResumeStartsAFailedJobAgain) {
  VersionedLab lab;
  lab.at_step = fail_at("source.open", 1, Error(Failure::config, "no such table"));
  lab.start();
  lab.until([&]() { return lab.state() == JobState::failed; }, seconds(2));
  lab.loop.run(lab.board().resume("movies"));
  lab.until([&]() { return lab.state() == JobState::waiting; }, seconds(2));
}

TEST(JobRequests, PauseEndsAfterTheBatchInFlightAndTheRunGoesOnAfterResume) {
  VersionedLab lab;
  for (int batch = 0; batch < 20; ++batch) {
    lab.world.script->passes.resize(1);
    lab.world.script->passes[0].push_back(films(1 + 2 * batch, 2));
  }
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, seconds(1));
    }
  };
  lab.start();
  lab.until([&]() { return lab.world.target->rows_taken >= 8; });
  const JobView paused = lab.loop.run(lab.board().pause("movies"));
  EXPECT_EQ(paused.state, JobState::paused);
  EXPECT_EQ(lab.world.target->writes_now, 0u);
  EXPECT_EQ(lab.run_state(1), RunState::queued);
  const auto taken = static_cast<std::int64_t>(lab.world.target->rows_taken);
  EXPECT_EQ(lab.checkpoint().totals.rows_read, taken);
  lab.pass(seconds(30));
  EXPECT_EQ(lab.world.target->rows_taken, static_cast<std::size_t>(taken));
  EXPECT_THROW(lab.ask(RunType::sync), RefusedError);
  lab.loop.run(lab.board().resume("movies"));
  lab.until([&]() { return lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.runs(), 1u);
  EXPECT_EQ(lab.world.target->rows_taken, 40u);
}

TEST(JobRequests, PauseLastsAcrossRestarts) {
  World<VersionedTarget> world;
  {
    VersionedLab lab(world);
    lab.start();
    lab.loop.run(lab.board().pause("movies"));
  }
  VersionedLab lab(world);
  const std::size_t opened = world.script->opened.size();
  lab.start();
  lab.pass(seconds(20));
  EXPECT_EQ(lab.state(), JobState::paused);
  EXPECT_EQ(world.script->opened.size(), opened);
}

TEST(JobRequests, CancelEndsTheRunAndTheNextGoesOnFromTheCheckpoint) {
  VersionedLab lab;
  lab.world.script->passes.resize(1);
  for (int batch = 0; batch < 20; ++batch) {
    lab.world.script->passes[0].push_back(films(1 + 2 * batch, 2));
  }
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, seconds(1));
    }
  };
  lab.start();
  lab.until([&]() { return lab.world.target->rows_taken >= 8; });
  lab.loop.run(lab.board().cancel(1));
  lab.until([&]() { return lab.run_state(1) == RunState::cancelled; });
  EXPECT_THROW(lab.loop.run(lab.board().cancel(1)), RefusedError);
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run(2).run_seq, 2);
  EXPECT_EQ(lab.run(1).counters.rows_read + lab.run(2).counters.rows_read, 40);
  EXPECT_EQ(lab.world.target->rows_taken, 40u);
}

TEST(JobRequests, CancelEndsABackoffAndAQueuedRun) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.write", 1000, unreachable());
  lab.start();
  lab.until([&]() { return lab.state() == JobState::backing_off; });
  const RunView full = lab.ask(RunType::full);
  lab.loop.run(lab.board().cancel(full.run.id));
  EXPECT_EQ(lab.run_state(full.run.id), RunState::cancelled);
  lab.loop.run(lab.board().cancel(1));
  lab.until([&]() { return lab.run_state(1) == RunState::cancelled; }, seconds(1));
}

TEST(JobRequests, ShutdownCommitsTheBatchInFlightAndTheRunGoesOnAfterTheRestart) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 2), films(3, 2), films(5, 2), films(7, 2), films(9, 2),
                           films(11, 2), films(13, 2), films(15, 2), films(17, 2)}};
  std::int64_t committed = 0;
  {
    VersionedLab lab(world);
    lab.at_step = [&](std::string_view step) -> Task<> {
      if (step == "sink.write") {
        Event never(lab.loop.executor());
        co_await lab.loop.clock().wait_for(never, seconds(1));
      }
    };
    lab.start();
    lab.until([&]() { return world.target->rows_taken > 0; });
    EXPECT_TRUE(lab.stop(seconds(30)));
    committed = lab.checkpoint().totals.rows_read;
    EXPECT_EQ(static_cast<std::size_t>(committed), world.target->rows_taken);
  }
  EXPECT_LT(committed, 18);
  EXPECT_EQ(world.state->runs.at(1).state, RunState::running);
  VersionedLab lab(world);
  lab.start();
  lab.until([&]() { return lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.runs(), 1u);
  EXPECT_EQ(lab.run(1).counters.rows_read, 18);
  EXPECT_EQ(world.target->rows_taken, 18u);
}

TEST(JobRequests, ShutdownGivesUpWaitingAfterTheGrace) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  Event gate(lab.loop.executor());
  bool open = false;
  lab.at_step = [&](std::string_view step) -> Task<> {
    while (step == "sink.write" && !open) {
      co_await gate.wait();
    }
  };
  lab.start();
  lab.until([&]() { return lab.reached("sink.write"); });
  EXPECT_FALSE(lab.loop.run(lab.board().stop(seconds(3))));
  EXPECT_EQ(lab.board().progress().job, "movies");
  open = true;
  gate.notify();
  lab.until([&]() { return lab.world.target->writes_now == 0; });
}

TEST(JobRequests, AKilledRunOfAManualJobGoesOnWhenItIsAskedForAgain) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 3)}};
  rowferry::Run killed;
  killed.job = "movies";
  killed.state = RunState::running;
  {
    MemoryStore store(world.state);
    TestLoop loop;
    loop.run(store.start_run(killed));
  }
  VersionedLab lab(world);
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.start();
  lab.pass(seconds(10));
  EXPECT_EQ(lab.run_state(1), RunState::queued);
  EXPECT_EQ(lab.ask(RunType::sync).run.id, 1);
  lab.until([&]() { return lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.runs(), 1u);
}

TEST(JobRequests, AFullRunReplacesAKilledSyncOfAManualJob) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 3)}};
  rowferry::Run killed;
  killed.job = "movies";
  killed.state = RunState::running;
  {
    MemoryStore store(world.state);
    TestLoop loop;
    loop.run(store.start_run(killed));
  }
  VersionedLab lab(world);
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.start();
  const RunView full = lab.ask(RunType::full);
  lab.until([&]() { return lab.run_state(full.run.id) == RunState::succeeded; });
  EXPECT_EQ(lab.run_state(1), RunState::cancelled);
}

TEST(JobRequests, WaitsForAnotherProcessThatRunsIt) {
  VersionedLab lab;
  lab.world.state->locked_jobs.insert("movies");
  lab.start();
  lab.pass(seconds(3));
  EXPECT_EQ(lab.world.script->opened.size(), 0u);
  EXPECT_THAT(lab.view().last_error, HasSubstr("another process runs job movies"));
  lab.world.state->locked_jobs.clear();
  lab.until([&]() { return lab.world.script->opened.size() > 0; }, seconds(10));
}

}  // namespace
}  // namespace rowferry::test
