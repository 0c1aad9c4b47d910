#include "base/async.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace rowferry {
namespace {

using std::chrono::milliseconds;

class Async : public testing::Test {
 protected:
  void spawn(Task<> task) { group_.spawn(std::move(task)); }
  void run() {
    context_.restart();
    context_.run();
  }
  Task<> yield() { co_await boost::asio::post(context_, boost::asio::use_awaitable); }

  boost::asio::io_context context_{1};
  boost::asio::any_io_executor executor_ = context_.get_executor();
  TaskGroup group_{executor_};
  std::vector<std::string> said_;
};

TEST_F(Async, EventWakesAllWhoWaitNow) {
  Event event(executor_);
  const auto wait = [&](std::string name) -> Task<> {
    co_await event.wait();
    said_.push_back(name);
  };
  spawn(wait("a"));
  spawn(wait("b"));
  const auto notify = [&]() -> Task<> {
    co_await yield();
    said_.push_back("notify");
    event.notify();
  };
  spawn(notify());
  run();
  EXPECT_EQ(said_, (std::vector<std::string>{"notify", "a", "b"}));
}

TEST_F(Async, EventHasNoMemory) {
  Event event(executor_);
  event.notify();
  bool notified = true;
  const auto wait = [&]() -> Task<> { notified = co_await event.wait_for(milliseconds(1)); };
  spawn(wait());
  run();
  EXPECT_FALSE(notified);
}

TEST_F(Async, EventTellsNotificationFromTimeout) {
  Event event(executor_);
  bool notified = false;
  const auto wait = [&]() -> Task<> { notified = co_await event.wait_for(std::chrono::hours(1)); };
  const auto notify = [&]() -> Task<> {
    co_await yield();
    event.notify();
  };
  spawn(wait());
  spawn(notify());
  run();
  EXPECT_TRUE(notified);
}

TEST_F(Async, EventTimeoutLeavesOtherWaitersAlone) {
  Event event(executor_);
  bool woken = false;
  const auto patient = [&]() -> Task<> {
    co_await event.wait();
    woken = true;
  };
  const auto hasty = [&]() -> Task<> {
    const bool notified = co_await event.wait_for(milliseconds(1));
    EXPECT_FALSE(notified);
    EXPECT_FALSE(woken);
    event.notify();
  };
  spawn(patient());
  spawn(hasty());
  run();
  EXPECT_TRUE(woken);
}

TEST_F(Async, EventMayDieWhileAnAlarmOfItIsQueued) {
  const auto wait = [&]() -> Task<> {
    Event event(executor_);
    const auto notify = [&event]() { event.notify(); };
    boost::asio::post(context_, notify);
    const bool notified = co_await event.wait_for(milliseconds(0));
    said_.push_back(notified ? "notified" : "timeout");
  };
  spawn(wait());
  run();
  EXPECT_EQ(said_.size(), 1u);
}

TEST_F(Async, MutexServesInOrderOfArrival) {
  AsyncMutex mutex(executor_);
  const auto work = [&](std::string name) -> Task<> {
    const AsyncMutex::Lock lock = co_await mutex.lock();
    said_.push_back(name + " in");
    co_await yield();
    said_.push_back(name + " out");
  };
  spawn(work("a"));
  spawn(work("b"));
  spawn(work("c"));
  run();
  EXPECT_EQ(said_, (std::vector<std::string>{"a in", "a out", "b in", "b out", "c in", "c out"}));
}

TEST_F(Async, MutexIsFreeAfterAnException) {
  AsyncMutex mutex(executor_);
  const auto fail = [&]() -> Task<> {
    const AsyncMutex::Lock lock = co_await mutex.lock();
    throw Error(Failure::transient, "failed");
  };
  const auto work = [&]() -> Task<> {
    const AsyncMutex::Lock lock = co_await mutex.lock();
    said_.push_back("in");
  };
  spawn(fail());
  spawn(work());
  run();
  EXPECT_EQ(said_.size(), 1u);
  EXPECT_TRUE(group_.failed());
}

TEST_F(Async, GroupJoinThrowsTheFirstFailureAfterAllEnded) {
  TaskGroup group(executor_);
  bool ended = false;
  const auto fail = [](std::string text) -> Task<> {
    throw Error(Failure::transient, text);
    co_return;
  };
  const auto slow = [&]() -> Task<> {
    co_await yield();
    co_await yield();
    ended = true;
  };
  const auto join = [&]() -> Task<> {
    group.spawn(slow());
    group.spawn(fail("first"));
    group.spawn(fail("second"));
    try {
      co_await group.join();
    } catch (const Error& error) {
      said_.push_back(error.what());
    }
    EXPECT_TRUE(ended);
    co_await group.join();
  };
  spawn(join());
  run();
  EXPECT_EQ(said_, std::vector<std::string>{"first"});
}

TEST_F(Async, GroupWaitsForRoom) {
  TaskGroup group(executor_);
  std::size_t most = 0;
  const auto work = [&]() -> Task<> {
    most = std::max(most, group.running());
    co_await yield();
  };
  const auto spawn_all = [&]() -> Task<> {
    for (int index = 0; index < 10; ++index) {
      co_await group.wait_until_running_at_most(2);
      group.spawn(work());
    }
    co_await group.join();
  };
  spawn(spawn_all());
  run();
  EXPECT_EQ(most, 3u);
}

TEST_F(Async, StopWakesSleepersOfAllCopies) {
  StopToken token(executor_);
  const auto sleep = [&](StopToken copy) -> Task<> {
    const bool slept = co_await copy.sleep_for(std::chrono::hours(1));
    said_.push_back(slept ? "slept" : "stopped");
  };
  const auto stop = [&]() -> Task<> {
    co_await yield();
    token.request_stop();
  };
  spawn(sleep(token));
  spawn(sleep(token));
  spawn(stop());
  run();
  EXPECT_EQ(said_, (std::vector<std::string>{"stopped", "stopped"}));
  EXPECT_THROW(token.throw_if_stopped(), Error);
}

TEST_F(Async, SleepOfAStoppedTokenEndsAtOnce) {
  StopToken token(executor_);
  token.request_stop();
  bool slept = true;
  const auto sleep = [&]() -> Task<> { slept = co_await token.sleep_for(std::chrono::hours(1)); };
  spawn(sleep());
  run();
  EXPECT_FALSE(slept);
}

}  // namespace
}  // namespace rowferry
