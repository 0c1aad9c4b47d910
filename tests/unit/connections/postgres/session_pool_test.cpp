#include "connections/postgres/session_pool.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::connections {
namespace {

/// Sessions come from a real server only (tests/integration); without one openings fail.
class SessionPoolWithoutServer : public testing::Test {
 protected:
  Task<std::unique_ptr<pq::Session>> open() {
    ++openings_;
    // Late enough for others to wait.
    co_await ready_.wait();
    throw Error(Failure::transient, "nobody listens").with_reason("unreachable");
  }

  Task<> borrow(Priority priority) {
    try {
      co_await pool_.borrow(priority);
    } catch (const Error& error) {
      reasons_.push_back(error.reason());
    }
  }

  test::TestLoop loop_;
  Event ready_{loop_.executor()};
  int openings_ = 0;
  std::vector<std::string> reasons_;
  SessionPool pool_{loop_.executor(), SessionPoolSettings{.sessions_max = 2},
                    [this](std::optional<SteadyTime>) { return open(); }};
};

TEST_F(SessionPoolWithoutServer, FailsEverybodyWhoWaitsAtOnce) {
  TaskGroup borrowers(loop_.executor());
  const auto body = [&]() -> Task<> {
    for (int count = 0; count < 50; ++count) {
      borrowers.spawn(borrow(Priority::live));
    }
    co_await boost::asio::post(loop_.executor(), boost::asio::use_awaitable);
    ready_.notify();
    co_await borrowers.join();
  };
  loop_.run(body());
  EXPECT_EQ(openings_, 2);
  EXPECT_EQ(reasons_, std::vector<std::string>(50, "unreachable"));
  EXPECT_EQ(pool_.open_sessions(), 0u);
}

TEST_F(SessionPoolWithoutServer, GivesTheSlotOfAFailedOpeningBack) {
  for (int count = 1; count <= 5; ++count) {
    TaskGroup borrowers(loop_.executor());
    const auto body = [&]() -> Task<> {
      borrowers.spawn(borrow(Priority::background));
      co_await boost::asio::post(loop_.executor(), boost::asio::use_awaitable);
      ready_.notify();
      co_await borrowers.join();
    };
    loop_.run(body());
    EXPECT_EQ(openings_, count);
  }
}

TEST_F(SessionPoolWithoutServer, EndsAWaitOnAStop) {
  StopToken stop(loop_.executor());
  TaskGroup borrowers(loop_.executor());
  std::optional<Failure> failure;
  const auto body = [&]() -> Task<> {
    borrowers.spawn(borrow(Priority::live));
    borrowers.spawn(borrow(Priority::live));
    co_await boost::asio::post(loop_.executor(), boost::asio::use_awaitable);
    boost::asio::post(loop_.executor(), [&] { stop.request_stop(); });
    try {
      co_await pool_.borrow(Priority::live, stop);
    } catch (const Error& error) {
      failure = error.failure();
    }
    ready_.notify();
    co_await borrowers.join();
  };
  loop_.run(body());
  EXPECT_EQ(failure, Failure::cancelled);
}

}  // namespace
}  // namespace rowferry::connections
