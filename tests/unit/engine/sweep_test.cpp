// Runs of type sweep: asked for, and by a timetable of their own beside the job's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/lab.hpp"

namespace rowferry::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;

// The clock of the tests begins on Thursday, 2026-01-01 at midnight.
Schedule at(const std::string& cron) {
  Schedule schedule;
  schedule.kind = Schedule::Kind::cron;
  schedule.cron = cron;
  return schedule;
}

/// A few seconds before the timetable's next moment.
void come_near(VersionedLab& lab) {
  const auto now = lab.loop.clock().wall_now();
  const auto begun = std::chrono::floor<minutes>(now);
  const auto next = begun + minutes(10 - begun.time_since_epoch() / minutes(1) % 10);
  lab.loop.clock().set_wall(next - seconds(3));
}

std::size_t sweeps(const VersionedLab& lab) {
  const auto& runs = lab.world.state->runs;
  return static_cast<std::size_t>(std::count_if(runs.begin(), runs.end(), [](const auto& known) {
    return known.second.type == RunType::sweep;
  }));
}

TEST(Sweep, IsARunOfItsOwnThatTheSourceIsToldOf) {
  VersionedLab lab;
  lab.start();
  lab.until([&]() { return lab.state() == JobState::waiting; });
  const RunView view = lab.ask(RunType::sweep);
  EXPECT_EQ(view.run.type, RunType::sweep);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; });
  const auto& types = lab.world.script->types;
  EXPECT_EQ(std::count(types.begin(), types.end(), RunType::sweep), 1);
  lab.pass(seconds(12));
  EXPECT_EQ(types.back(), RunType::sync);
  EXPECT_THAT(lab.board().metrics(),
              HasSubstr(R"(rowferry_runs_total{job="movies",outcome="succeeded",type="sweep"} 1)"));
}

TEST(Sweep, IsRefusedWhileOneWaits) {
  VersionedLab lab;
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.start();
  bool was_refused = false;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step != "source.open") {
      co_return;
    }
    RunRequest request;
    request.type = RunType::sweep;
    try {
      co_await lab.board().start_run("movies", std::move(request));
    } catch (const RefusedError& error) {
      was_refused = error.refusal() == Refusal::conflict;
    }
  };
  const RunView view = lab.ask(RunType::sweep);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; });
  EXPECT_TRUE(was_refused);
  EXPECT_EQ(lab.runs(), 1u);
}

TEST(Sweep, OfAJobWithoutCursorIsRefused) {
  VersionedLab lab;
  lab.job.settings.incremental = false;
  lab.start();
  try {
    lab.ask(RunType::sweep);
    FAIL() << "it was not refused";
  } catch (const RefusedError& error) {
    EXPECT_EQ(error.refusal(), Refusal::conflict);
    EXPECT_THAT(error.what(), HasSubstr("no cursor"));
  }
}

// The source was opened for a poll: a run of another type must not be made of it.
TEST(Sweep, AskedForDuringAPollThatFindsRowsIsMadeBehindIt) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  std::int64_t asked = 0;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "source.next" && asked == 0) {
      asked = -1;
      RunRequest request;
      request.type = RunType::sweep;
      const RunView view = co_await lab.board().start_run("movies", std::move(request));
      asked = view.run.id;
    }
  };
  lab.start();
  lab.until([&]() { return lab.runs() == 2 && lab.runs_over(); });
  EXPECT_EQ(lab.run(asked).counters.rows_read, 0);
  EXPECT_EQ(lab.run(asked == 1 ? 2 : 1).type, RunType::sync);
  EXPECT_EQ(lab.run(asked == 1 ? 2 : 1).counters.rows_read, 3);
  EXPECT_THAT(lab.world.script->types, Contains(RunType::sweep));
}

TEST(Sweep, OfATimetableIsMadeBesideThePolls) {
  VersionedLab lab;
  lab.job.settings.sweep = at("*/10 * * * *");
  come_near(lab);
  lab.start();
  lab.pass(seconds(2));
  EXPECT_EQ(sweeps(lab), 0u);
  lab.pass(seconds(10));
  EXPECT_EQ(sweeps(lab), 1u);
  EXPECT_TRUE(lab.runs_over());
  EXPECT_GE(lab.world.script->opened.size(), 4u);
  EXPECT_LT(*lab.view().next_run_at - lab.loop.clock().wall_now(), seconds(6));
  EXPECT_EQ(lab.view().schedule, "every 5s");
  come_near(lab);
  lab.pass(seconds(10));
  EXPECT_EQ(sweeps(lab), 2u);
}

TEST(Sweep, OfATimetableIsMadeForAManualJobToo) {
  VersionedLab lab;
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.job.settings.sweep = at("*/10 * * * *");
  come_near(lab);
  lab.start();
  lab.pass(seconds(15));
  EXPECT_EQ(sweeps(lab), 1u);
  EXPECT_EQ(lab.runs(), 1u);
  EXPECT_FALSE(lab.view().next_run_at.has_value());
}

TEST(Sweep, OfATimetableWaitsForAPausedJob) {
  VersionedLab lab;
  lab.job.settings.sweep = at("*/10 * * * *");
  come_near(lab);
  lab.start();
  lab.loop.run(lab.board().pause("movies"));
  lab.pass(seconds(10));
  EXPECT_EQ(sweeps(lab), 0u);
  lab.loop.run(lab.board().resume("movies"));
  lab.pass(seconds(1));
  EXPECT_EQ(sweeps(lab), 1u);
  EXPECT_TRUE(lab.runs_over());
}

TEST(Sweep, OfATimetableIsNotLostWhenTheStoreFails) {
  VersionedLab lab;
  lab.job.settings.sweep = at("*/10 * * * *");
  lab.at_step = fail_at("store.start_run", 1, Error(Failure::transient, "disk full"));
  come_near(lab);
  lab.start();
  lab.pass(seconds(15));
  EXPECT_EQ(sweeps(lab), 1u);
  EXPECT_TRUE(lab.runs_over());
}

TEST(Sweep, LeavesACronOfTheJobDue) {
  VersionedLab lab;
  lab.job.settings.schedule = at("*/10 * * * *");
  lab.job.settings.sweep = at("*/10 * * * *");
  come_near(lab);
  lab.start();
  lab.pass(seconds(15));
  EXPECT_EQ(sweeps(lab), 1u);
  EXPECT_EQ(lab.runs(), 2u);
}

TEST(Sweep, SaysNothingOfTheLag) {
  VersionedLab lab;
  lab.job.settings.schedule.fetch_delay = minutes(30);
  lab.start();
  lab.pass(minutes(1));
  const RunView view = lab.ask(RunType::sweep);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; });
  EXPECT_GT(*lab.view().lag_seconds, 55);
  lab.stop();
  VersionedLab next(lab.world.copy());
  next.job.settings.schedule.kind = Schedule::Kind::manual;
  next.start();
  EXPECT_FALSE(next.view().lag_seconds.has_value());
}

TEST(Sweep, ThatWasKilledGoesOnAsTheSameRun) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3), films(4, 3)}};
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.job.settings.sweep = at("*/10 * * * *");
  std::optional<World<VersionedTarget>> dead;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "store.saved" && !dead) {
      dead = lab.world.copy();
    }
    co_return;
  };
  lab.start();
  const RunView view = lab.ask(RunType::sweep);
  lab.until([&]() { return dead.has_value(); });
  VersionedLab next(*dead);
  next.job.settings.schedule.kind = Schedule::Kind::manual;
  next.job.settings.sweep = at("*/10 * * * *");
  come_near(next);
  next.start();
  // A manual job's: when it is asked for again, and cron asks.
  next.pass(seconds(10));
  EXPECT_EQ(next.run_state(view.run.id), RunState::succeeded);
  EXPECT_EQ(next.runs(), 1u);
}

}  // namespace
}  // namespace rowferry::test
