// PgBouncer: refused where it lends its sessions out a transaction at a time, taken where a client
// keeps its session.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pq/session.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;
using pq::Session;
using pq::Statement;
using testing::HasSubstr;

pq::ConnectSettings pooled(const std::string& database) {
  pq::ConnectSettings settings = shared_server();
  settings.dsn = with(required_environment("ROWFERRY_TEST_PGBOUNCER"), "dbname=" + database);
  return settings;
}

class RefusedPooler : public testing::TestWithParam<const char*> {};

TEST_P(RefusedPooler, IsAnErrorOfTheConfiguration) {
  TestLoop loop;
  const auto failure =
      loop.run(failure_of(Session::connect(pooled(GetParam()), environment(loop))));
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->failure(), Failure::config);
  EXPECT_EQ(failure->reason(), "pooler");
  EXPECT_THAT(failure->what(), HasSubstr("pool_mode = transaction"));
}

INSTANTIATE_TEST_SUITE_P(Modes, RefusedPooler,
                         testing::Values("transaction", "statement", "single"));

TEST(SessionPooler, IsTakenAndPassesCancelRequestsOn) {
  TestLoop loop;
  const auto session = open_session(loop, pooled("session"));
  Statement late{"sleeping", "SELECT pg_sleep(20)"};
  late.timeout = 200ms;
  EXPECT_EQ(loop.run(failure_of(session->query(late)))->reason(), "timeout");
  EXPECT_TRUE(session->reusable());
}

TEST(SessionPooler, TellsTheServerProcessBehindIt) {
  TestLoop loop;
  const auto session = open_session(loop, pooled("session"));
  const Statement ask{"asking", "SELECT pg_backend_pid()"};
  EXPECT_EQ(loop.run(session->query(ask)).integer(0, 0), session->backend_pid());
}

}  // namespace
}  // namespace rowferry::test
