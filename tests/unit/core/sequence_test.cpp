#include "core/sequence.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/error.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kReserved = 600'000'000;

class Sequence : public testing::Test {
 protected:
  SequenceAllotter allotter(std::int64_t mark) {
    return {loop_.executor(), loop_.clock(), mark, [this](std::int64_t saved) -> Task<> {
              if (fails_) throw Error(Failure::transient, "the disk is full");
              marks_.push_back(saved);
              co_return;
            }};
  }

  /// Allots a number and lets the lock go at once.
  std::int64_t allot(SequenceAllotter& allotter) {
    const auto body = [](SequenceAllotter& from) -> Task<std::int64_t> {
      const SequenceAllotter::Ticket ticket = co_await from.allot();
      co_return ticket.number;
    };
    return loop_.run(body(allotter));
  }

  [[nodiscard]] std::int64_t now() { return loop_.clock().wall_now().time_since_epoch().count(); }

  TestLoop loop_;
  std::vector<std::int64_t> marks_;
  bool fails_ = false;
};

TEST_F(Sequence, BeginsWithTheClock) {
  SequenceAllotter numbers = allotter(0);
  EXPECT_EQ(allot(numbers), now());
  loop_.clock().advance(5s);
  EXPECT_EQ(allot(numbers), now());
}

TEST_F(Sequence, CountsOnWhileTheClockStands) {
  SequenceAllotter numbers = allotter(0);
  const std::int64_t first = allot(numbers);
  EXPECT_EQ(allot(numbers), first + 1);
  EXPECT_EQ(allot(numbers), first + 2);
}

TEST_F(Sequence, CountsOnWhenTheClockIsSetBack) {
  SequenceAllotter numbers = allotter(0);
  const std::int64_t first = allot(numbers);
  loop_.clock().set_wall(WallTime(1s));
  EXPECT_EQ(allot(numbers), first + 1);
}

TEST_F(Sequence, SavesAMarkBeforeItPassesOne) {
  SequenceAllotter numbers = allotter(0);
  const std::int64_t first = allot(numbers);
  EXPECT_EQ(marks_, std::vector{first + kReserved});
  allot(numbers);
  EXPECT_EQ(marks_.size(), 1u);
  loop_.clock().advance(10min);
  allot(numbers);
  EXPECT_EQ(marks_.size(), 1u) << "the mark itself may be used";
  const std::int64_t beyond = allot(numbers);
  EXPECT_EQ(beyond, marks_[0] + 1);
  EXPECT_EQ(marks_.back(), beyond + kReserved);
}

TEST_F(Sequence, BeginsAboveTheMarkAfterARestart) {
  const std::int64_t mark = now() + kReserved;
  SequenceAllotter numbers = allotter(mark);
  EXPECT_EQ(allot(numbers), mark + 1);
}

TEST_F(Sequence, GivesNoNumberWhoseMarkIsNotSaved) {
  SequenceAllotter numbers = allotter(0);
  fails_ = true;
  EXPECT_THROW(allot(numbers), Error);
  fails_ = false;
  const std::int64_t number = allot(numbers);
  EXPECT_EQ(marks_, std::vector{number + kReserved});
}

TEST_F(Sequence, HoldsTheLockUntilTheTicketGoes) {
  SequenceAllotter numbers = allotter(0);
  std::vector<std::string> order;
  const auto slow = [&]() -> Task<> {
    SequenceAllotter::Ticket ticket = co_await numbers.allot();
    order.push_back("first is allotted");
    Event never(loop_.executor());
    co_await loop_.clock().wait_for(never, 1s);
    order.push_back("first has its row");
  };
  const auto quick = [&]() -> Task<> {
    const SequenceAllotter::Ticket ticket = co_await numbers.allot();
    order.push_back("second is allotted");
  };
  const auto both = [&]() -> Task<> {
    TaskGroup group(loop_.executor());
    group.spawn(slow());
    group.spawn(quick());
    co_await group.join();
  };
  loop_.advances_when_idle = true;
  loop_.run(both());
  const std::vector<std::string> expected = {"first is allotted", "first has its row",
                                             "second is allotted"};
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace rowferry::test
