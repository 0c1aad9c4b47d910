#include "engine/job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/unit/engine/lab.hpp"

namespace rowferry::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Job, AnIdlePollIsNoRun) {
  VersionedLab lab;
  lab.start();
  lab.pass(seconds(12));
  EXPECT_EQ(lab.runs(), 0u);
  EXPECT_EQ(lab.world.state->checkpoints.size(), 0u);
  EXPECT_EQ(lab.world.target->opens, 0u);
  EXPECT_EQ(lab.world.script->opened.size(), 3u);
  EXPECT_EQ(lab.state(), JobState::waiting);
}

TEST(Job, AnIdlePollMovesLagAndLastSuccess) {
  VersionedLab lab;
  lab.start();
  lab.pass(seconds(1));
  EXPECT_NEAR(*lab.view().lag_seconds, 1, 0.2);
  lab.pass(seconds(3));
  EXPECT_NEAR(*lab.view().lag_seconds, 4, 0.2);
  lab.pass(seconds(2));
  EXPECT_NEAR(*lab.view().lag_seconds, 1, 0.2);
}

TEST(Job, RowsBeginARunThatIsFinishedAndCommitted) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3), films(4, 2)}};
  lab.start();
  lab.until([&]() { return lab.runs() == 1 && lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.world.target->content().size(), 5u);
  const rowferry::Run run = lab.run(1);
  EXPECT_EQ(run.run_seq, 1);
  EXPECT_EQ(run.counters.rows_read, 5);
  EXPECT_EQ(run.counters.rows_written, 5);
  EXPECT_TRUE(run.finished_at.has_value());
  EXPECT_EQ(lab.checkpoint().position.json, R"({"pass":1,"batch":0})");
  EXPECT_TRUE(lab.checkpoint().complete);
  EXPECT_EQ(lab.checkpoint().run_seq, 1);
  EXPECT_EQ(lab.checkpoint().definition, "id,title");
}

TEST(Job, KeepsTheOrderThatLosesNothing) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  lab.start();
  lab.until([&]() { return lab.reached("store.run_updated"); });
  EXPECT_THAT(lab.journal,
              ElementsAre("source.open", "source.next", "store.start_run", "store.run_started",
                          "sink.open", "source.next", "sink.write", "sink.written", "sink.flush",
                          "sink.flushed", "store.save", "store.saved", "sink.finish",
                          "sink.finished", "store.update_run", "store.run_updated"));
}

TEST(Job, TheNextPassGoesOnWhereTheLastEnded) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  lab.start();
  lab.until([&]() { return lab.reached("store.run_updated"); });
  lab.world.script->passes.push_back({films(2, 1, "renamed")});
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run(2).counters.rows_read, 1);
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 4);
  EXPECT_EQ(lab.world.target->content().at(2), "renamed 2");
  EXPECT_EQ(lab.world.script->rows_read, 4u);
}

TEST(Job, RetriesEitherSideWithinTheSameRun) {
  for (const char* step : {"source.open", "source.next", "sink.open", "sink.write", "sink.flush",
                           "sink.finish", "store.save", "store.start_run", "store.update_run",
                           "sink.written", "sink.flushed", "sink.finished", "store.saved"}) {
    VersionedLab lab;
    lab.world.script->passes = {{films(1, 3), films(4, 2)}};
    lab.at_step = fail_at(step, 3, unreachable());
    lab.start();
    lab.until([&]() {
      return lab.world.state->runs.contains(1) && lab.run_state(1) == RunState::succeeded;
    });
    EXPECT_EQ(lab.runs(), 1u) << step;
    EXPECT_EQ(lab.world.target->content().size(), 5u) << step;
    EXPECT_EQ(lab.run(1).counters.rows_read, 5) << step;
    EXPECT_EQ(lab.checkpoint().totals.rows_read, 5) << step;
    EXPECT_EQ(lab.view().last_error, "") << step;
  }
}

TEST(Job, BacksOffBetweenAttemptsAndSaysWhy) {
  VersionedLab lab;
  lab.redactor.add(Secret("hunter22"));
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.write", 100, unreachable("401 for hunter22"));
  lab.start();
  lab.pass(seconds(4));
  // 0.5 s, 1 s, 2 s, ...
  EXPECT_EQ(lab.world.target->opens, 4u);
  const JobView view = lab.view();
  EXPECT_EQ(view.state, JobState::backing_off);
  EXPECT_EQ(view.last_error, "401 for ***");
  EXPECT_TRUE(view.next_run_at.has_value());
  const rowferry::Run run = lab.run(1);
  EXPECT_EQ(run.state, RunState::running);
  EXPECT_EQ(run.retries, 4);
  EXPECT_EQ(run.error, "401 for ***");
  EXPECT_THAT(
      lab.board().metrics(),
      HasSubstr("rowferry_retries_total{job=\"movies\",reason=\"refused\",side=\"sink\"} 4"));
}

TEST(Job, StaleIsReadAgainAtOnceButNotInAHotLoop) {
  VersionedLab lab;
  lab.job.settings.retry.initial_delay = seconds(30);
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.write", 100, Error(Failure::stale, "overtaken"));
  lab.start();
  lab.pass(seconds(20));
  EXPECT_EQ(lab.world.target->opens, 2u);
}

TEST(Job, GivesUpWhenItIsTold) {
  VersionedLab lab;
  lab.job.settings.retry.give_up_after = seconds(10);
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.write", 1000, unreachable());
  lab.start();
  lab.until([&]() { return lab.state() == JobState::failed; }, seconds(12));
  EXPECT_EQ(lab.run_state(1), RunState::failed);
  EXPECT_THAT(lab.run(1).error, HasSubstr("gave up: connection refused"));
  const std::size_t opens = lab.world.target->opens;
  lab.pass(seconds(60));
  EXPECT_EQ(lab.world.target->opens, opens);
}

TEST(Job, AWrongDefinitionFailsAtOnceAndATriggerTriesAgain) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  lab.at_step = fail_at("sink.open", 1, Error(Failure::config, "type conflict"));
  lab.start();
  lab.until([&]() { return lab.state() == JobState::failed; }, seconds(2));
  EXPECT_EQ(lab.run_state(1), RunState::failed);
  EXPECT_EQ(lab.run(1).error, "type conflict");
  const RunView view = lab.ask(RunType::sync);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; }, seconds(2));
  EXPECT_EQ(lab.state(), JobState::waiting);
}

TEST(Job, CronMakesARunEvenOfNothing) {
  VersionedLab lab;
  lab.job.settings.schedule.kind = Schedule::Kind::cron;
  lab.job.settings.schedule.cron = "*/5 * * * *";
  lab.start();
  lab.pass(std::chrono::minutes(4));
  EXPECT_EQ(lab.runs(), 0u);
  lab.pass(std::chrono::minutes(7));
  EXPECT_EQ(lab.runs(), 2u);
  EXPECT_EQ(lab.run_state(2), RunState::succeeded);
}

TEST(Job, AnEditedDefinitionIsAWarningOnce) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 3)}};
  {
    VersionedLab lab(world);
    lab.start();
    lab.until([&]() { return lab.reached("store.run_updated"); });
  }
  world.script->passes.push_back({films(4, 1)});
  VersionedLab lab(world);
  lab.job.definition = "id,title,year";
  lab.start();
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run(2).type, RunType::sync);
  EXPECT_EQ(lab.run(2).counters.rows_read, 1);
  EXPECT_THAT(lab.loop.logged(), HasSubstr("--full"));
  // Rows that were sent before are as they were: only a full run changes that.
  EXPECT_NE(lab.checkpoint().definition, "id,title,year");
}

TEST(Job, AnEditedDefinitionBeginsAFullRunWhereThatWasConfigured) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 3)}};
  {
    VersionedLab lab(world);
    lab.start();
    lab.until([&]() { return lab.reached("store.run_updated"); });
  }
  VersionedLab lab(world);
  lab.job.definition = "id,title,year";
  lab.job.settings.on_definition_change = OnDefinitionChange::full;
  lab.start();
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run(2).type, RunType::full);
  EXPECT_EQ(lab.run(2).counters.rows_read, 3);
  lab.pass(seconds(20));
  EXPECT_EQ(lab.runs(), 2u);
}

TEST(Job, WithoutACursorEveryRunReadsEverything) {
  VersionedLab lab;
  lab.job.settings.incremental = false;
  lab.job.settings.schedule.kind = Schedule::Kind::manual;
  lab.world.script->passes = {{films(1, 3)}};
  lab.start();
  for (const std::int64_t id : {1, 2}) {
    lab.ask(RunType::sync);
    lab.until([&]() { return lab.run_state(id) == RunState::succeeded; });
    EXPECT_EQ(lab.run(id).counters.rows_read, 3);
  }
}

TEST(Job, FullDeadLettersFailTheJobAndPassNothing) {
  VersionedLab lab;
  lab.job.settings.dead_letters.rows_max = 2;
  lab.world.script->passes = {{films(1, 4)}};
  lab.world.target->judge = [](const TestRow&) {
    return std::optional(RowIssue{.reason = "mapping conflict"});
  };
  lab.start();
  lab.until([&]() { return lab.state() == JobState::failed; });
  EXPECT_THAT(lab.view().last_error, HasSubstr("dead letters of job movies are full"));
  EXPECT_TRUE(lab.world.state->dead_letters.empty());
  EXPECT_TRUE(lab.world.state->checkpoints.empty());
  lab.world.target->judge = nullptr;
  const RunView view = lab.ask(RunType::sync);
  lab.until([&]() { return lab.run_state(view.run.id) == RunState::succeeded; });
  EXPECT_EQ(lab.world.target->content().size(), 4u);
}

TEST(Job, RejectsBecomeDeadLettersAndALaterSuccessClearsThem) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 4)}};
  lab.world.target->judge = [](const TestRow& row) {
    return row.title == "film 2" ? std::optional(RowIssue{.reason = "mapping conflict"})
                                 : std::nullopt;
  };
  lab.start();
  lab.until([&]() { return lab.runs() == 1 && lab.run_state(1) == RunState::succeeded; });
  ASSERT_EQ(lab.world.state->dead_letters.size(), 1u);
  const DeadLetter& letter = lab.world.state->dead_letters.front();
  EXPECT_EQ(letter.key_json, R"({"id":2})");
  EXPECT_EQ(letter.row_json, R"({"id":2,"title":"film 2"})");
  EXPECT_EQ(letter.reason, "mapping conflict");
  EXPECT_EQ(letter.run, 1);
  EXPECT_EQ(lab.run(1).counters.rows_rejected, 1);
  EXPECT_EQ(lab.run(1).counters.rows_written, 3);
  EXPECT_THAT(lab.board().metrics(), HasSubstr("rowferry_dead_letters{job=\"movies\"} 1"));
  lab.world.script->passes.push_back({films(2, 1, "mended")});
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_TRUE(lab.world.state->dead_letters.empty());
}

TEST(Job, ALostStateTakesItsNumbersFromTheSink) {
  Lab<ObjectTarget> lab;
  lab.world.target->manifests[7] = {};
  lab.world.script->passes = {{films(1, 3)}};
  lab.start();
  lab.until([&]() { return lab.runs() == 1 && lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.run(1).run_seq, 8);
  EXPECT_EQ(lab.world.target->manifests.count(8), 1u);
  lab.world.script->passes.push_back({films(4, 1)});
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run(2).run_seq, 9);
}

TEST(Job, OnAnObjectStoreTheNextRunGoesOnWithACancelledPass) {
  Lab<ObjectTarget> lab;
  lab.world.script->passes.resize(1);
  for (int batch = 0; batch < 10; ++batch) {
    lab.world.script->passes[0].push_back(films(1 + 2 * batch, 2, std::string(10000, 'x')));
  }
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, seconds(1));
    }
  };
  lab.start();
  lab.until([&]() { return lab.world.target->objects.size() == 1; });
  lab.loop.run(lab.board().cancel(1));
  lab.until([&]() { return lab.runs() == 2 && lab.run_state(2) == RunState::succeeded; });
  EXPECT_EQ(lab.run_state(1), RunState::cancelled);
  EXPECT_EQ(lab.run(2).run_seq, 1);
  EXPECT_EQ(lab.world.target->content().size(), 20u);
  EXPECT_EQ(lab.run(1).counters.rows_read + lab.run(2).counters.rows_read, 20);
}

TEST(Job, ASourceThatStartsOverCountsNothingTwice) {
  World<VersionedTarget> world;
  world.script->passes = {{films(1, 2), films(3, 2), films(5, 2)}};
  VersionedLab lab(world);
  int writes = 0;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write" && ++writes == 2) {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, seconds(1));
      throw unreachable();
    }
  };
  world.script->before = nullptr;
  lab.start();
  lab.until([&]() { return lab.state() == JobState::backing_off; });
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 2);
  world.script->starts_over_once = true;
  lab.until([&]() { return lab.run_state(1) == RunState::succeeded; });
  EXPECT_EQ(lab.run(1).counters.rows_read, 6);
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 6);
  EXPECT_THAT(lab.board().metrics(), HasSubstr("rowferry_rows_read_total{job=\"movies\"} 6"));
}

TEST(Job, MakesTheProcessUnreadyWhenItHangs) {
  VersionedLab lab;
  lab.world.script->passes = {{films(1, 3)}};
  bool hangs = true;
  lab.at_step = [&](std::string_view step) -> Task<> {
    while (hangs && step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, seconds(1));
    }
  };
  lab.start();
  lab.pass(std::chrono::minutes(14));
  EXPECT_TRUE(lab.board().readiness().jobs.empty());
  lab.pass(std::chrono::minutes(2));
  const Readiness readiness = lab.board().readiness();
  ASSERT_EQ(readiness.jobs.size(), 1u);
  EXPECT_EQ(readiness.jobs[0].name, "movies");
  EXPECT_THAT(readiness.jobs[0].reason, HasSubstr("no progress for 1"));
  hangs = false;
  lab.until([&]() { return lab.runs_over(); });
  EXPECT_TRUE(lab.board().readiness().jobs.empty());
}

}  // namespace
}  // namespace rowferry::test
