#include "engine/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.hpp"
#include "tests/unit/engine/lab.hpp"

namespace rowferry::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

template <class Target>
void script_batches(Lab<Target>& lab, std::int64_t batches, std::int64_t rows = 2) {
  lab.world.script->passes.resize(1);
  for (std::int64_t batch = 0; batch < batches; ++batch) {
    lab.world.script->passes[0].push_back(films(1 + rows * batch, rows));
  }
}

template <class Target>
void wait_for_success(Lab<Target>& lab) {
  lab.until([&]() {
    return lab.runs() >= 1 && lab.world.state->runs.at(1).state == RunState::succeeded;
  });
}

/// Holds the n-th passage of a step until it is opened.
class Gate {
 public:
  Gate(const boost::asio::any_io_executor& executor, std::string step, int passage)
      : opened_(executor), step_(std::move(step)), passage_(passage) {}

  Task<> at(std::string_view step) {
    if (step == step_ && ++passed_ == passage_) {
      while (!is_open_) {
        co_await opened_.wait();
      }
    }
  }
  void open() {
    is_open_ = true;
    opened_.notify();
  }

 private:
  Event opened_;
  std::string step_;
  int passage_;
  int passed_ = 0;
  bool is_open_ = false;
};

TEST(Pipeline, CommitsOnlyTheFinishedPrefix) {
  VersionedLab lab;
  script_batches(lab, 12);
  Gate gate(lab.loop.executor(), "sink.write", 3);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.pass(seconds(2));
  EXPECT_GT(lab.world.target->rows_taken, 4u);
  EXPECT_EQ(lab.checkpoint().position.json, R"({"pass":0,"batch":2})");
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 4);
  EXPECT_FALSE(lab.checkpoint().complete);
  gate.open();
  wait_for_success(lab);
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 24);
}

TEST(Pipeline, CommitsNothingWhileTheFirstWriteIsUnderWay) {
  VersionedLab lab;
  script_batches(lab, 12);
  Gate gate(lab.loop.executor(), "sink.written", 1);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.pass(seconds(2));
  EXPECT_TRUE(lab.world.state->checkpoints.empty());
  gate.open();
  wait_for_success(lab);
}

TEST(Pipeline, WritesAsManyAtOnceAsTheSinkTakes) {
  VersionedLab lab;
  script_batches(lab, 30);
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, milliseconds(50));
    }
  };
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.target->writes_at_once_most, 4u);
}

TEST(Pipeline, ReadsAheadWithinItsBounds) {
  VersionedLab lab;
  script_batches(lab, 30);
  Gate gate(lab.loop.executor(), "sink.write", 1);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.pass(seconds(2));
  // Four writes at once and two batches ahead.
  EXPECT_EQ(lab.world.script->rows_read, 12u);
  gate.open();
  wait_for_success(lab);
}

TEST(Pipeline, ReadsAheadWithinItsBytes) {
  VersionedLab lab;
  lab.job.settings.batch.bytes_max = 10;
  script_batches(lab, 30);
  Gate gate(lab.loop.executor(), "sink.write", 1);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.pass(seconds(2));
  // Batches of about 30 bytes, 60 bytes allowed.
  EXPECT_LE(lab.world.script->rows_read, 6u);
  gate.open();
  wait_for_success(lab);
}

TEST(Pipeline, SavesAtMostFourTimesASecondWhereWritesAreDurable) {
  VersionedLab lab;
  script_batches(lab, 200);
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write") {
      Event never(lab.loop.executor());
      co_await lab.loop.clock().wait_for(never, milliseconds(40));
    }
  };
  lab.start();
  wait_for_success(lab);
  // 200 batches, 4 at once, 40 ms each: 2 s.
  const auto saves = std::count(lab.journal.begin(), lab.journal.end(), "store.saved");
  EXPECT_GE(saves, 6);
  EXPECT_LE(saves, 10);
}

TEST(Pipeline, SavesWhatIsFinishedWhileTheSourceIsSlow) {
  VersionedLab lab;
  script_batches(lab, 2);
  Gate gate(lab.loop.executor(), "source.next", 2);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.until([&]() { return lab.has_checkpoint(); }, seconds(1));
  EXPECT_EQ(lab.checkpoint().totals.rows_read, 2);
  gate.open();
  wait_for_success(lab);
}

TEST(Pipeline, ATransactionalSinkCommitsAfterItsBatchesWithNothingUnderWay) {
  Lab<TransactionalTarget> lab;
  script_batches(lab, 10);
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.flush") {
      EXPECT_EQ(lab.world.target->writes_now, 0u);
    }
    co_return;
  };
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.target->flushes, 3u);
  EXPECT_EQ(lab.world.target->writes_at_once_most, 1u);
  EXPECT_EQ(lab.world.target->content().size(), 20u);
}

TEST(Pipeline, TheSinksCheckpointWinsOverTheLocalOne) {
  World<TransactionalTarget> world;
  world.script->passes = {{films(1, 2)}, {films(3, 2)}};
  {
    Lab<TransactionalTarget> lab(world);
    lab.start();
    lab.until([&]() { return lab.runs() == 2 && lab.runs_over(); });
  }
  // An older local state comes back from a backup.
  world.state->checkpoints.at({"movies", ""}).position.json = R"({"pass":0,"batch":0})";
  const std::size_t rows_read = world.script->rows_read;
  Lab<TransactionalTarget> lab(world);
  lab.start();
  lab.pass(seconds(6));
  EXPECT_EQ(world.script->rows_read, rows_read);
  EXPECT_EQ(lab.checkpoint().position.json, R"({"pass":2,"batch":0})");
}

TEST(Pipeline, AFailingSourceLosesNoProgress) {
  VersionedLab lab;
  script_batches(lab, 10);
  int reads = 0;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "source.next" && ++reads % 3 == 0) {
      throw unreachable("statement timeout");
    }
    co_return;
  };
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.script->rows_read, 20u);
  EXPECT_EQ(lab.run(1).counters.rows_read, 20);
}

TEST(Pipeline, ASinkThatFailsEveryThirdWriteStillGetsOn) {
  VersionedLab lab;
  script_batches(lab, 40);
  int writes = 0;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "sink.write" && ++writes % 3 == 0) {
      throw unreachable("connection reset");
    }
    co_return;
  };
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.target->content().size(), 80u);
  EXPECT_EQ(lab.run(1).counters.rows_read, 80);
}

TEST(Pipeline, OpensTheSinkAgainWhenTheSchemaChanges) {
  VersionedLab lab;
  script_batches(lab, 6);
  int reads = 0;
  lab.at_step = [&](std::string_view step) -> Task<> {
    if (step == "source.next" && ++reads == 4) {
      lab.world.script->schema = test_schema({"year"});
    }
    if (step == "sink.open" && reads > 1) {
      EXPECT_EQ(lab.world.target->writes_now, 0u);
      EXPECT_EQ(lab.checkpoint().totals.rows_read, 6);
    }
    co_return;
  };
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.target->opens, 2u);
  EXPECT_EQ(lab.world.target->content().size(), 12u);
}

/// Appends a mark to every title.
class Mark : public Transform {
 public:
  SchemaPointer bind(SchemaPointer schema) override {
    if (!schema->find("title")) {
      throw Error(Failure::config, "mark: there is no column title");
    }
    return schema;
  }
  void apply(Batch& batch) override {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const std::string marked = std::string(batch.value(row, 1)) + "!";
      batch.cell(row, 1) = batch.store(marked);
    }
  }
};

TEST(Pipeline, AppliesTransformsToEveryBatch) {
  VersionedLab lab;
  lab.job.make_transforms = {[]() { return std::make_unique<Mark>(); }};
  script_batches(lab, 3);
  lab.start();
  wait_for_success(lab);
  EXPECT_EQ(lab.world.target->content().at(1), "film 1!");
  EXPECT_EQ(lab.world.target->content().at(6), "film 6!");
}

TEST(Pipeline, ATransformThatCannotBeBoundFailsTheJob) {
  VersionedLab lab;
  lab.job.make_transforms = {[]() { return std::make_unique<Mark>(); }};
  auto schema = std::make_shared<Schema>(*test_schema());
  schema->columns[1].name = "name";
  lab.world.script->schema = schema;
  script_batches(lab, 3);
  lab.start();
  lab.until([&]() { return lab.state() == JobState::failed; });
  EXPECT_THAT(lab.view().last_error, HasSubstr("no column title"));
}

TEST(Pipeline, SavesASinksNotesBesideTheLastCheckpoint) {
  Lab<ObjectTarget> lab;
  script_batches(lab, 1);
  Gate gate(lab.loop.executor(), "sink.written", 1);
  lab.at_step = [&](std::string_view step) { return gate.at(step); };
  lab.start();
  lab.until([&]() { return lab.has_checkpoint(); });
  EXPECT_TRUE(lab.checkpoint().position.empty());
  EXPECT_EQ(lab.checkpoint().run_seq, 0);
  EXPECT_THAT(lab.checkpoint().receipt.json, HasSubstr("part-0001"));
  gate.open();
  wait_for_success(lab);
}

}  // namespace
}  // namespace rowferry::test
