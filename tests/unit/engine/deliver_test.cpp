#include "engine/deliver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/fake_versioned_sink.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

class Deliver : public testing::Test {
 protected:
  Deliver() {
    loop_.advances_when_idle = true;
    retry_.jitter = 0;
    target_->at = [this](std::string_view step) -> Task<> {
      if (step == "write") {
        write_times_.push_back(loop_.clock().steady_now());
      }
      co_return;
    };
  }

  Delivered deliver_batch(const Batch& batch) {
    const DeliveryTools tools{sink_, loop_.runtime(), retry_,
                              stop_, [](auto) {},     [this](const std::string&) { ++retries_; }};
    return loop_.run(deliver(batch, tools));
  }

  static std::vector<std::size_t> rows_of(const std::vector<RowIssue>& issues) {
    std::vector<std::size_t> rows;
    for (const RowIssue& issue : issues) {
      rows.push_back(issue.row);
    }
    return rows;
  }

  TestLoop loop_;
  std::shared_ptr<VersionedTarget> target_ = std::make_shared<VersionedTarget>();
  FakeVersionedSink sink_{target_};
  RetryPolicy retry_;
  StopToken stop_{loop_.executor()};
  std::vector<SteadyTime> write_times_;
  int retries_ = 0;
  SchemaPointer schema_ = test_schema();
  Batch five_ = make_batch(schema_, {{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, removal(5)}, 100);
};

TEST_F(Deliver, WritesABatchOnce) {
  const Delivered delivered = deliver_batch(five_);
  EXPECT_EQ(target_->writes, 1u);
  EXPECT_EQ(delivered.counters.rows_read, 5);
  EXPECT_EQ(delivered.counters.rows_written, 4);
  EXPECT_EQ(delivered.counters.rows_deleted, 1);
  EXPECT_EQ(delivered.counters.rows_rejected, 0);
  EXPECT_EQ(delivered.counters.bytes_read, static_cast<std::int64_t>(five_.bytes()));
  EXPECT_GT(delivered.counters.bytes_written, 0);
}

TEST_F(Deliver, AnEmptyBatchIsNotWritten) {
  const Batch empty = make_batch(schema_, {}, 100);
  const Delivered delivered = deliver_batch(empty);
  EXPECT_EQ(target_->writes, 0u);
  EXPECT_EQ(delivered.counters.rows_read, 0);
}

TEST_F(Deliver, RefusedRowsAreNamedAndTheOthersTaken) {
  target_->judge = [](const TestRow& row) {
    return row.id % 2 == 0 ? std::optional(RowIssue{.reason = "no"}) : std::nullopt;
  };
  const Delivered delivered = deliver_batch(five_);
  EXPECT_EQ(target_->writes, 1u);
  EXPECT_THAT(rows_of(delivered.rejected), ElementsAre(1, 3));
  EXPECT_EQ(delivered.counters.rows_rejected, 2);
  EXPECT_EQ(delivered.counters.rows_written, 2);
}

TEST_F(Deliver, RowsThatTheSourceFoundUnfitAreNotWritten) {
  five_.issues = {RowIssue{.row = 1, .reason = "too large"}};
  const Delivered delivered = deliver_batch(five_);
  EXPECT_THAT(rows_of(delivered.rejected), ElementsAre(1));
  EXPECT_EQ(delivered.rejected.front().reason, "too large");
  EXPECT_EQ(target_->content().count(2), 0u);
  EXPECT_EQ(target_->content().size(), 3u);
}

TEST_F(Deliver, SendsTheRowsThatAreWantedAgainAlone) {
  std::map<std::int64_t, int> asked;
  std::vector<std::int64_t> sent;
  target_->judge = [&](const TestRow& row) {
    sent.push_back(row.id);
    return row.id >= 3 && row.id <= 4 && ++asked[row.id] < 3
               ? std::optional(RowIssue{.retry = true, .reason = "429"})
               : std::nullopt;
  };
  const Delivered delivered = deliver_batch(five_);
  EXPECT_THAT(sent, ElementsAre(1, 2, 3, 4, 5, 3, 4, 3, 4));
  EXPECT_EQ(retries_, 2);
  EXPECT_EQ(write_times_.at(1) - write_times_.at(0), milliseconds(500));
  EXPECT_EQ(write_times_.at(2) - write_times_.at(1), milliseconds(1000));
  EXPECT_EQ(delivered.counters.rows_written, 4);
}

TEST_F(Deliver, WaitsAsLongAsTheSinkAsks) {
  int asked = 0;
  target_->judge = [&](const TestRow& row) {
    return row.id == 1 && ++asked == 1
               ? std::optional(RowIssue{.retry = true, .retry_after = seconds(90), .reason = "429"})
               : std::nullopt;
  };
  deliver_batch(five_);
  EXPECT_EQ(write_times_.at(1) - write_times_.at(0), seconds(90));
}

TEST_F(Deliver, LosesPatienceWithRowsThatAreNeverTaken) {
  target_->judge = [](const TestRow& row) {
    return row.id == 1 ? std::optional(RowIssue{.retry = true, .reason = "queue full"})
                       : std::nullopt;
  };
  try {
    deliver_batch(five_);
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::transient);
    EXPECT_EQ(error.reason(), "rows_not_taken");
    EXPECT_THAT(error.what(), testing::HasSubstr("queue full"));
  }
  EXPECT_LE(write_times_.back() - write_times_.front(), seconds(61));
}

TEST_F(Deliver, ARunThatStopsDoesNotWaitForRows) {
  target_->judge = [](const TestRow&) {
    return std::optional(RowIssue{.retry = true, .reason = "429"});
  };
  target_->at = [this](std::string_view step) -> Task<> {
    if (step == "written") {
      stop_.request_stop();
    }
    co_return;
  };
  try {
    deliver_batch(five_);
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::cancelled);
  }
}

TEST_F(Deliver, HalvesABatchThatIsTooLarge) {
  target_->batch_rows_max = 2;
  const Delivered delivered = deliver_batch(five_);
  EXPECT_EQ(delivered.counters.rows_written, 4);
  EXPECT_EQ(delivered.counters.rows_deleted, 1);
  EXPECT_TRUE(delivered.rejected.empty());
  EXPECT_EQ(target_->content().size(), 4u);
}

TEST_F(Deliver, ARowThatIsRefusedAloneIsADeadLetter) {
  std::vector<std::int64_t> first_of_write;
  target_->judge = [&](const TestRow& row) -> std::optional<RowIssue> {
    if (row.id == 3) {
      throw Error(Failure::rejected, "bad byte");
    }
    return std::nullopt;
  };
  const Delivered delivered = deliver_batch(five_);
  EXPECT_THAT(rows_of(delivered.rejected), ElementsAre(2));
  EXPECT_EQ(delivered.rejected.front().reason, "bad byte");
  EXPECT_EQ(target_->content().size(), 3u);
}

TEST_F(Deliver, EveryRowCanBeRefusedAlone) {
  target_->batch_rows_max = 0;
  const Delivered delivered = deliver_batch(five_);
  EXPECT_THAT(rows_of(delivered.rejected), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(delivered.counters.rows_rejected, 5);
}

TEST_F(Deliver, BrokenLinksAreThrown) {
  target_->at = [](std::string_view) -> Task<> {
    throw Error(Failure::transient, "connection reset");
    co_return;
  };
  EXPECT_THROW(deliver_batch(five_), Error);
}

/// Has no use for removals.
class SinkWithoutRemovals : public FakeVersionedSink {
 public:
  using FakeVersionedSink::FakeVersionedSink;
  [[nodiscard]] SinkTraits traits() const override {
    SinkTraits traits = FakeVersionedSink::traits();
    traits.takes_removals = false;
    return traits;
  }
};

TEST_F(Deliver, RemovalsThatMeanNothingAreReadButNotDeleted) {
  SinkWithoutRemovals sink(target_);
  const DeliveryTools tools{sink,  loop_.runtime(), retry_,
                            stop_, [](auto) {},     [](const std::string&) {}};
  const Delivered delivered = loop_.run(deliver(five_, tools));
  EXPECT_EQ(delivered.counters.rows_read, 5);
  EXPECT_EQ(delivered.counters.rows_deleted, 0);
  EXPECT_EQ(target_->rows_taken, 4u);
}

}  // namespace
}  // namespace rowferry::test
