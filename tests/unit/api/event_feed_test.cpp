#include "api/event_feed.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "tests/support/test_loop.hpp"
#include "tests/unit/api/fake_control.hpp"

namespace rowferry::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Listener = std::shared_ptr<EventListener>;

class EventFeedTest : public testing::Test {
 public:
  /// Runs the feed for as long as the test's task takes; time goes by when nothing happens.
  void with_feed(Task<> task) {
    loop_.advances_when_idle = true;
    const auto both = [](EventFeedTest& test, Task<> inner) -> Task<> {
      TaskGroup group(test.loop_.executor());
      group.spawn(test.feed_.serve());
      co_await std::move(inner);
      test.feed_.stop();
      co_await group.join();
    };
    loop_.run(both(*this, std::move(task)));
  }

  /// Everything up to the next silence.
  static Task<std::string> hear(Listener listener) {
    std::string heard;
    std::string piece = "x";
    while (!piece.empty() && !piece.starts_with(':')) {
      piece = co_await listener->next();
      heard += piece;
    }
    co_return heard;
  }

  test::TestLoop loop_;
  test::FakeControl control_;
  EventFeed feed_{loop_.runtime(), control_};
};

TEST_F(EventFeedTest, TellsTheStateOfAllJobsFirst) {
  control_.all_jobs = {test::waiting_job("a"), test::waiting_job("b")};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    const std::string heard = co_await hear(listener);
    EXPECT_THAT(heard, StartsWith("retry: 2000\n\nevent: job\ndata: {\"name\":\"a\","));
    EXPECT_THAT(heard, HasSubstr("}\n\nevent: job\ndata: {\"name\":\"b\","));
    EXPECT_THAT(heard, testing::EndsWith("}\n\n: nothing new\n\n"));
    const Listener late = test.feed_.listen();
    const std::string heard_late = co_await hear(late);
    EXPECT_THAT(heard_late, HasSubstr("\"name\":\"a\""));
    EXPECT_THAT(heard_late, HasSubstr("\"name\":\"b\""));
  }(*this));
}

TEST_F(EventFeedTest, TellsWhatChangesAndNothingElse) {
  control_.all_jobs = {test::waiting_job("a"), test::waiting_job("b")};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    co_await hear(listener);
    test.control_.all_jobs[1].state = JobState::running;
    test.control_.all_jobs[0].lag_seconds = 99;
    const std::string heard = co_await hear(listener);
    EXPECT_THAT(heard, StartsWith("event: job\ndata: {\"name\":\"b\",\"state\":\"running\""));
    EXPECT_THAT(heard, Not(HasSubstr("\"name\":\"a\"")));
  }(*this));
}

TEST_F(EventFeedTest, TellsWhichJobsANewConfigurationLeftOut) {
  control_.all_jobs = {test::waiting_job("a"), test::waiting_job("b")};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    co_await hear(listener);
    test.control_.all_jobs.erase(test.control_.all_jobs.begin());
    const std::string heard = co_await hear(listener);
    EXPECT_EQ(heard, "event: gone\ndata: {\"name\":\"a\"}\n\n: nothing new\n\n");
  }(*this));
}

TEST_F(EventFeedTest, TellsRunsUntilTheyAreOver) {
  control_.all_runs = {test::run_of(1, "a", RunState::succeeded),
                       test::run_of(2, "a", RunState::running)};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    std::string heard = co_await hear(listener);
    EXPECT_THAT(heard, HasSubstr("event: run\ndata: {\"id\":2,"));
    EXPECT_THAT(heard, Not(HasSubstr("\"id\":1,")));
    test.control_.all_runs[1].run.state = RunState::succeeded;
    test.control_.all_runs.push_back(test::run_of(3, "b", RunState::failed));
    heard = co_await hear(listener);
    EXPECT_THAT(heard,
                HasSubstr("{\"id\":2,\"job\":\"a\",\"run_seq\":2,\"type\":\"sync\",\"state\":"
                          "\"succeeded\""));
    EXPECT_THAT(heard, HasSubstr("{\"id\":3,"));
    heard = co_await hear(listener);
    EXPECT_EQ(heard, ": nothing new\n\n");
  }(*this));
}

TEST_F(EventFeedTest, TellsRunsThatAreFarBackInTheHistory) {
  control_.all_runs = {test::run_of(1, "a", RunState::running)};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    co_await hear(listener);
    for (std::int64_t id = 2; id < 400; ++id) {
      test.control_.all_runs.push_back(test::run_of(id, "b", RunState::succeeded));
    }
    test.control_.all_runs[0].run.state = RunState::cancelled;
    const std::string heard = co_await hear(listener);
    for (std::int64_t id = 1; id < 400; ++id) {
      EXPECT_THAT(heard, HasSubstr(fmt::format("{{\"id\":{},", id)));
    }
  }(*this));
}

TEST_F(EventFeedTest, MakesAtMostTwoEventsASecondOfAJob) {
  control_.all_jobs = {test::waiting_job("a")};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    co_await hear(listener);
    const int before = test.control_.looks;
    const SteadyTime begun = test.loop_.clock().steady_now();
    for (int count = 0; count < 10; ++count) {
      test.control_.all_jobs[0].totals.rows_written += 1;
      const std::string heard = co_await listener->next();
      EXPECT_THAT(heard, StartsWith("event: job"));
    }
    EXPECT_LE(test.control_.looks - before, 11);
    EXPECT_GE(test.loop_.clock().steady_now() - begun, std::chrono::milliseconds(4500));
  }(*this));
}

TEST_F(EventFeedTest, DoesNotLookWhenNobodyListens) {
  with_feed([](EventFeedTest& test) -> Task<> {
    Listener listener = test.feed_.listen();
    co_await hear(listener);
    listener.reset();
    Event never(test.loop_.executor());
    co_await test.loop_.runtime().clock.wait_for(never, std::chrono::seconds(1));
    const int before = test.control_.looks;
    co_await test.loop_.runtime().clock.wait_for(never, std::chrono::seconds(100));
    EXPECT_EQ(test.control_.looks, before);
  }(*this));
}

TEST_F(EventFeedTest, DropsWhoDoesNotListenToWhatIsSaid) {
  control_.all_jobs = {test::waiting_job("a")};
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener deaf = test.feed_.listen();
    const Listener listener = test.feed_.listen();
    for (int count = 0; count < 30; ++count) {
      test.control_.all_jobs[0].last_error = std::string(50'000, static_cast<char>('a' + count));
      const std::string heard = co_await hear(listener);
      EXPECT_THAT(heard, HasSubstr(test.control_.all_jobs[0].last_error));
    }
    const std::string heard = co_await deaf->next();
    EXPECT_EQ(heard, "");
  }(*this));
}

TEST_F(EventFeedTest, HasRoomForManyButNotForAll) {
  with_feed([](EventFeedTest& test) -> Task<> {
    std::vector<Listener> many;
    Listener next = test.feed_.listen();
    while (next && many.size() < 1000) {
      many.push_back(std::move(next));
      next = test.feed_.listen();
    }
    EXPECT_EQ(many.size(), 128u);
    many.pop_back();
    EXPECT_NE(test.feed_.listen(), nullptr);
    co_return;
  }(*this));
}

TEST_F(EventFeedTest, GoesOnAfterTheStoreFailed) {
  control_.all_jobs = {test::waiting_job("a")};
  control_.is_failing = true;
  with_feed([](EventFeedTest& test) -> Task<> {
    const Listener listener = test.feed_.listen();
    std::string heard = co_await hear(listener);
    EXPECT_EQ(heard, "retry: 2000\n\n: nothing new\n\n");
    test.control_.is_failing = false;
    heard = co_await hear(listener);
    EXPECT_THAT(heard, HasSubstr("\"name\":\"a\""));
  }(*this));
  EXPECT_THAT(loop_.logged(), HasSubstr("events cannot be told"));
}

TEST_F(EventFeedTest, EndsAllListenersWhenItStops) {
  Listener listener;
  with_feed([](EventFeedTest& test, Listener& kept) -> Task<> {
    kept = test.feed_.listen();
    co_return;
  }(*this, listener));
  EXPECT_EQ(loop_.run(listener->next()), "");
  EXPECT_EQ(feed_.listen(), nullptr);
}

}  // namespace
}  // namespace rowferry::api
