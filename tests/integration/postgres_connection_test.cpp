// Lending sessions of a real server: limits, fairness, what comes back, and the probe.
#include "connections/postgres/postgres_connection.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/use_awaitable.hpp>

#include "pq/conninfo.hpp"
#include "tests/integration/freezing_proxy.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;
using connections::Lease;
using connections::PostgresConnection;
using connections::PostgresSettings;
using connections::Priority;
using connections::SessionPool;
using connections::SessionPoolSettings;
using pq::Statement;
using std::chrono::steady_clock;
using testing::ElementsAre;

const Statement kSleep{"sleeping", "SELECT pg_sleep(0.05)"};
const Statement kBegin{"beginning", "BEGIN"};

class PostgresPool : public testing::Test {
 protected:
  PostgresSettings settings(std::size_t sessions_max) {
    PostgresSettings settings;
    settings.dsn = with(shared_server().dsn, "application_name=" + mark_);
    settings.statement_timeout = 30s;
    settings.sessions_max = sessions_max;
    return settings;
  }

  /// How many sessions of this test the server knows.
  int sessions_on_server() {
    return std::stoi(run_sql(loop_,
                             "SELECT count(*) FROM pg_stat_activity "
                             "WHERE application_name = '" +
                                 mark_ + "'"));
  }

  void yield() {
    const auto body = [&]() -> Task<> {
      co_await boost::asio::post(loop_.executor(), boost::asio::use_awaitable);
    };
    loop_.run(body());
  }

  TestLoop loop_;
  std::string mark_ = fmt::format("pool_test_{}", getpid());
};

TEST_F(PostgresPool, OpensNoMoreSessionsThanAllowed) {
  PostgresConnection shop("shop", settings(3), loop_.runtime());
  TaskGroup group(loop_.executor());
  std::size_t lent = 0;
  std::size_t lent_max = 0;
  const auto work = [&](Priority priority) -> Task<> {
    Lease lease = co_await shop.borrow(priority);
    lent_max = std::max(lent_max, ++lent);
    co_await lease->execute(kSleep);
    --lent;
  };
  const auto body = [&]() -> Task<> {
    for (int count = 0; count < 40; ++count) {
      group.spawn(work(count % 2 == 0 ? Priority::live : Priority::background));
    }
    co_await group.join();
  };
  loop_.run(body());
  EXPECT_EQ(lent_max, 3u);
  EXPECT_EQ(shop.sessions().open_sessions(), 3u);
  EXPECT_EQ(sessions_on_server(), 3);
  loop_.run(shop.close());
  EXPECT_EQ(shop.sessions().open_sessions(), 0u);
}

TEST_F(PostgresPool, KeepsOneSessionForLivePolls) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  TaskGroup group(loop_.executor());
  std::vector<std::string> order;
  const auto take = [&](Priority priority, std::string name) -> Task<> {
    const Lease lease = co_await shop.borrow(priority);
    order.push_back(std::move(name));
  };
  const auto body = [&]() -> Task<> {
    Lease held = co_await shop.borrow(Priority::background);
    group.spawn(take(Priority::background, "background"));
    co_await take(Priority::live, "live");
    order.emplace_back("given back");
    held.release();
    co_await group.join();
  };
  loop_.run(body());
  EXPECT_THAT(order, ElementsAre("live", "given back", "background"));
}

TEST_F(PostgresPool, ServesWhoWaitsInOrder) {
  PostgresConnection shop("shop", settings(1), loop_.runtime());
  TaskGroup group(loop_.executor());
  std::vector<int> order;
  const auto take = [&](int number) -> Task<> {
    const Lease lease =
        co_await shop.borrow(number % 2 == 0 ? Priority::live : Priority::background);
    order.push_back(number);
  };
  const auto body = [&]() -> Task<> {
    Lease held = co_await shop.borrow(Priority::live);
    for (int number = 0; number < 5; ++number) {
      group.spawn(take(number));
    }
    held.release();
    co_await group.join();
  };
  loop_.run(body());
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(PostgresPool, SaysWhichSessionsAreNew) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  Lease first = loop_.run(shop.borrow(Priority::live));
  EXPECT_TRUE(first.is_new());
  const std::uint64_t serial = first->serial();
  first.release();
  Lease again = loop_.run(shop.borrow(Priority::background));
  EXPECT_FALSE(again.is_new());
  EXPECT_EQ(again->serial(), serial);
}

TEST_F(PostgresPool, DropsWhatComesBackUnfinished) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  Lease lease = loop_.run(shop.borrow(Priority::live));
  loop_.run(lease->execute(kBegin));
  lease.release();
  EXPECT_EQ(shop.sessions().open_sessions(), 0u);
  EXPECT_TRUE(loop_.run(shop.borrow(Priority::live)).is_new());
}

TEST_F(PostgresPool, ReplacesASessionThatTheServerEnded) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  const int pid = loop_.run(shop.borrow(Priority::live))->backend_pid();
  run_sql(loop_, fmt::format("SELECT pg_terminate_backend({}, 10000)", pid));
  const Lease lease = loop_.run(shop.borrow(Priority::live));
  EXPECT_TRUE(lease.is_new());
  EXPECT_NE(lease->backend_pid(), pid);
}

TEST_F(PostgresPool, ClosesSessionsThatStayIdle) {
  const auto open = [this](std::optional<SteadyTime>) {
    return pq::Session::connect(shared_server(), environment(loop_));
  };
  SessionPool pool(loop_.executor(), SessionPoolSettings{4, 50ms}, open);
  std::vector<Lease> leases;
  leases.push_back(loop_.run(pool.borrow(Priority::live)));
  leases.push_back(loop_.run(pool.borrow(Priority::live)));
  leases.clear();
  EXPECT_EQ(pool.open_sessions(), 2u);
  const auto body = [&]() -> Task<> {
    Event never(loop_.executor());
    while (pool.open_sessions() > 0) {
      co_await never.wait_for(5ms);
    }
  };
  loop_.run(body());
}

TEST_F(PostgresPool, OutlivesItsConnectionInALease) {
  auto shop = std::make_unique<PostgresConnection>("shop", settings(2), loop_.runtime());
  Lease lease = loop_.run(shop->borrow(Priority::live));
  shop.reset();
  loop_.run(lease->execute(kSleep));
  lease.release();
  EXPECT_FALSE(lease.owned());
}

TEST_F(PostgresPool, EndsAStatementOfTheBorrowerOnAStop) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  StopToken stop(loop_.executor());
  Lease lease = loop_.run(shop.borrow(Priority::live, stop));
  stop.request_stop();
  EXPECT_EQ(loop_.run(failure_of(lease->execute(kSleep)))->failure(), Failure::cancelled);
  lease.release();
  Lease next = loop_.run(shop.borrow(Priority::live));
  loop_.run(next->execute(kSleep));
}

TEST_F(PostgresPool, AnswersProbes) {
  PostgresConnection shop("shop", settings(2), loop_.runtime());
  loop_.run(shop.probe());
  loop_.run(shop.probe());
  EXPECT_EQ(shop.sessions().open_sessions(), 1u);
}

TEST_F(PostgresPool, AnswersProbesWhileAllSessionsAreBusy) {
  PostgresConnection shop("shop", settings(1), loop_.runtime());
  const Lease busy = loop_.run(shop.borrow(Priority::live));
  loop_.run(shop.probe());
  EXPECT_EQ(sessions_on_server(), 1);
}

TEST_F(PostgresPool, FailsAProbeOfAServerThatRefusesUs) {
  PostgresSettings wrong = settings(2);
  wrong.dsn = with(wrong.dsn, "dbname=pool_test_nowhere");
  PostgresConnection shop("shop", wrong, loop_.runtime());
  const auto failure = loop_.run(failure_of(shop.probe()));
  EXPECT_EQ(failure->failure(), Failure::transient);
  EXPECT_EQ(failure->reason(), "3D000");
}

TEST_F(PostgresPool, FailsAProbeOfAServerThatHangsWithinFiveSeconds) {
  const auto parameters = pq::parse_connection_string(shared_server().dsn);
  const std::string tcp_dsn = required_environment("ROWFERRY_TEST_POSTGRES_TCP");
  FreezingProxy proxy(loop_.executor(),
                      fmt::format("{}/.s.PGSQL.{}", parameters.at("host"), parameters.at("port")));
  PostgresSettings through = settings(2);
  through.dsn = with(tcp_dsn, fmt::format("port={}", proxy.port()));
  PostgresConnection shop("shop", through, loop_.runtime());
  loop_.run(shop.probe());
  proxy.freeze();
  for (int probes = 0; probes < 2; ++probes) {
    // First in the session that is open, then in a new one.
    const auto begin = steady_clock::now();
    const auto failure = loop_.run(failure_of(shop.probe()));
    EXPECT_EQ(failure->reason(), "timeout");
    EXPECT_LT(steady_clock::now() - begin, 6s);
  }
}

}  // namespace
}  // namespace rowferry::test
