#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "base/error.hpp"
#include "daemon/preflight/examination.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// What the fakes do, and what was asked of them.
struct Script {
  std::string refusal;
  bool is_sink_examined = false;
  std::size_t sample_rows_sent = 0;
};

class FakeConnection : public Connection {
 public:
  FakeConnection(std::string name, std::string refusal)
      : Connection(std::move(name)), refusal_(std::move(refusal)) {}
  Task<> probe() override {
    if (!refusal_.empty()) {
      throw Error(Failure::transient, refusal_);
    }
    co_return;
  }
  Task<> close() override { co_return; }

 private:
  std::string refusal_;
};

class FakeSource : public Source {
 public:
  Task<SourceOpened> open(const RunContext& /*context*/, Position /*position*/) override {
    throw Error(Failure::internal, "nothing may be opened");
  }
  Task<bool> next(Batch& /*batch*/) override { co_return false; }
  Task<> close() override { co_return; }
  Task<SourceExamination> examine(SourceExaminationRequest request) override {
    SourceExamination found;
    found.schema = test::test_schema();
    if (request.depth == Depth::plan) {
      found.samples = std::make_shared<Batch>(test::make_batch(found.schema, {{1, "One"}}, 1));
      found.buffers.push_back({"reading", 1000});
    }
    co_return found;
  }
};

class FakeSink : public Sink {
 public:
  explicit FakeSink(Script& script) : script_(script) {}
  [[nodiscard]] SinkTraits traits() const override { return {}; }
  Task<> open(SchemaPointer /*schema*/, const RunContext& /*context*/,
              Receipt /*receipt*/) override {
    throw Error(Failure::internal, "nothing may be opened");
  }
  Task<WriteResult> write(const Batch& /*batch*/) override { co_return WriteResult(); }
  Task<Receipt> flush(const Checkpoint& /*checkpoint*/) override { co_return Receipt(); }
  Task<> finish(const RunSummary& /*summary*/) override { co_return; }
  Task<> close() override { co_return; }
  Task<SinkExamination> examine(SinkExaminationRequest request) override {
    script_.is_sink_examined = true;
    script_.sample_rows_sent = request.samples == nullptr ? 0 : request.samples->rows();
    SinkExamination found;
    found.buffers.push_back({"sending", 2000});
    co_return found;
  }

 private:
  Script& script_;
};

class FailingTransform : public Transform {
 public:
  SchemaPointer bind(SchemaPointer /*schema*/) override {
    throw Error(Failure::config, "no column mood");
  }
  void apply(Batch& /*batch*/) override {}
};

class PreflightExaminationTest : public testing::Test {
 protected:
  PreflightExaminationTest() {
    add_connection("shop");
    add_connection("search");
    add_job("movies");
  }

  void add_connection(const std::string& name) {
    ConnectionDefinition definition;
    definition.name = name;
    definition.make = [this, name](const Runtime&) {
      return std::make_shared<FakeConnection>(name, name == "shop" ? script_.refusal : "");
    };
    settings_.connections.push_back(std::move(definition));
  }

  void add_job(const std::string& name) {
    JobDefinition job;
    job.settings.name = name;
    job.source_connection = "shop";
    job.sink_connection = "search";
    job.make_source = [](std::shared_ptr<Connection>, const Runtime&) {
      return std::make_unique<FakeSource>();
    };
    job.make_sink = [this](std::shared_ptr<Connection>, const Runtime&) {
      return std::make_unique<FakeSink>(script_);
    };
    settings_.jobs.push_back(std::move(job));
  }

  PreflightReport examine(Depth depth, const std::string& job = "") {
    PreflightExamination examination(settings_, job, depth, loop_.runtime());
    return loop_.run(examination.run());
  }

  test::TestLoop loop_;
  config::Settings settings_;
  Script script_;
};

TEST_F(PreflightExaminationTest, AsksConnectionsAndBothSidesOfAJob) {
  const PreflightReport report = examine(Depth::check);
  ASSERT_THAT(report.connections, SizeIs(2));
  EXPECT_EQ(report.connections[0].findings.front().text, "answers");
  EXPECT_TRUE(script_.is_sink_examined);
  EXPECT_EQ(script_.sample_rows_sent, 0U);
  EXPECT_THAT(report.jobs[0].buffers, IsEmpty());
}

TEST_F(PreflightExaminationTest, APlanShowsRowsAndAddsMemoryUp) {
  const PreflightReport report = examine(Depth::plan);
  const JobReport& job = report.jobs[0];
  EXPECT_THAT(job.rows_read, ElementsAre(R"({"id":1,"title":"One"})"));
  EXPECT_EQ(script_.sample_rows_sent, 1U);
  ASSERT_THAT(job.buffers, SizeIs(4));
  std::size_t sum = 0;
  for (const PlannedBuffer& buffer : job.buffers) {
    sum += buffer.bytes_max;
  }
  EXPECT_EQ(job.bytes_max, sum);
  EXPECT_EQ(job.buffers[0].bytes_max, 64U << 20);
}

TEST_F(PreflightExaminationTest, ASideWithoutItsServerIsNotAsked) {
  script_.refusal = "gone";
  const PreflightReport report = examine(Depth::check);
  EXPECT_THAT(report.jobs[0].findings,
              ElementsAre(AllOf(Field(&Finding::severity, Severity::refused),
                                Field(&Finding::text, HasSubstr("source not examined")),
                                Field(&Finding::remedy, "mend connection shop"))));
  EXPECT_TRUE(script_.is_sink_examined) << "the other side is";
  EXPECT_EQ(status_of(report.all_findings()), ExitStatus::unreachable);
}

TEST_F(PreflightExaminationTest, TransformsMustTakeTheColumns) {
  settings_.jobs[0].make_transforms.push_back([] { return std::make_unique<FailingTransform>(); });
  const PreflightReport report = examine(Depth::plan);
  EXPECT_THAT(report.jobs[0].findings,
              ElementsAre(AllOf(Field(&Finding::severity, Severity::wrong),
                                Field(&Finding::text, HasSubstr("no column mood")))));
}

TEST_F(PreflightExaminationTest, OneJobNeedsItsOwnConnectionsOnly) {
  add_connection("other");
  add_job("shows");
  const PreflightReport report = examine(Depth::check, "shows");
  EXPECT_THAT(report.connections, SizeIs(2));
  ASSERT_THAT(report.jobs, SizeIs(1));
  EXPECT_EQ(report.jobs[0].job->settings.name, "shows");
  EXPECT_THAT(examine(Depth::check).connections, SizeIs(3));
}

}  // namespace
}  // namespace rowferry
