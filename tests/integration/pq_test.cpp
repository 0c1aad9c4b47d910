// Sessions against the shared server: what a statement gives back, and how it fails.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pq/session.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;
using pq::Result;
using pq::Session;
using pq::Statement;
using testing::HasSubstr;

class PqSession : public testing::Test {
 protected:
  Result query(const std::string& sql, std::vector<std::optional<std::string>> parameters = {}) {
    Statement statement{"asking", sql, std::move(parameters)};
    return loop_.run(session().query(statement));
  }

  Error query_fails(const Statement& statement) {
    const auto failure = loop_.run(failure_of(session().query(statement)));
    if (!failure) {
      throw std::runtime_error("the statement did not fail: " + statement.sql);
    }
    return *failure;
  }
  Error query_fails(const std::string& sql) { return query_fails(Statement{"asking", sql}); }

  static Task<> run(Session& session, const Statement& statement) {
    co_await session.query(statement);
  }

  /// Lets the session sleep, does something once the server says that it does, and returns how the
  /// sleep ended.
  Error fails_while_asleep(Task<> something) {
    const Statement sleep{"sleeping", "SELECT pg_sleep(20)"};
    const auto watcher = open_session(loop_, shared_server());
    const Statement asleep{"watching",
                           fmt::format("SELECT wait_event = 'PgSleep' FROM pg_stat_activity "
                                       "WHERE pid = {}",
                                       session().backend_pid())};
    const auto disturb = [&]() -> Task<> {
      for (bool sleeps = false; !sleeps;) {
        const Result state = co_await watcher->query(asleep);
        sleeps = state.boolean(0, 0);
      }
      co_await std::move(something);
    };
    TaskGroup others(loop_.executor());
    std::optional<Error> failure;
    const auto body = [&]() -> Task<> {
      others.spawn(disturb());
      failure = co_await failure_of(session().query(sleep));
      co_await others.join();
    };
    loop_.run(body());
    return failure.value();
  }

  Session& session() {
    if (session_ == nullptr) {
      session_ = open_session(loop_, settings_);
    }
    return *session_;
  }

  TestLoop loop_;
  pq::ConnectSettings settings_ = shared_server();
  std::unique_ptr<Session> session_;
};

TEST_F(PqSession, NamesTheConnectionThePurposeAndTheSqlstateInAnError) {
  const Error error = query_fails("SELECT 1 +");
  EXPECT_STREQ(error.what(),
               "connection shop: asking: syntax error at end of input (42601); correct the "
               "configuration");
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "42601");
  EXPECT_EQ(query("SELECT 1").integer(0, 0), 1);
}

TEST_F(PqSession, TellsWhatIsMissing) {
  EXPECT_EQ(query_fails("SELECT * FROM nowhere").reason(), "42P01");
  EXPECT_EQ(query_fails("SELECT nothing FROM pg_class").reason(), "42703");
  EXPECT_EQ(query_fails("SELECT * FROM nowhere").failure(), Failure::transient);
}

TEST_F(PqSession, TellsAMissingPrivilege) {
  run_sql(loop_, "DROP ROLE IF EXISTS pq_test_nobody; CREATE ROLE pq_test_nobody");
  query("SET ROLE pq_test_nobody");
  const Error error = query_fails("SELECT * FROM pg_authid");
  EXPECT_EQ(error.reason(), "42501");
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_THAT(error.what(), HasSubstr("permission denied for table pg_authid"));
  query("RESET ROLE; DROP ROLE pq_test_nobody");
}

TEST_F(PqSession, HalvesWhatRunsIntoTheStatementTimeout) {
  settings_.statement_timeout = 200ms;
  const Error error = query_fails("SELECT pg_sleep(20)");
  EXPECT_EQ(error.failure(), Failure::too_large);
  EXPECT_EQ(error.reason(), "57014");
  EXPECT_TRUE(session().reusable());
}

TEST_F(PqSession, EndsAStatementThatIsLateAndStaysUsable) {
  Statement late{"sleeping", "SELECT pg_sleep(20)"};
  late.timeout = 200ms;
  const Error error = query_fails(late);
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "timeout");
  EXPECT_TRUE(session().reusable());
  EXPECT_EQ(query("SELECT 1").integer(0, 0), 1);
}

TEST_F(PqSession, DropsTheSessionWhenALateStatementIsNotWorthEnding) {
  Statement late{"sleeping", "SELECT pg_sleep(20)"};
  late.timeout = 200ms;
  late.drop_when_late = true;
  EXPECT_EQ(query_fails(late).reason(), "timeout");
  EXPECT_FALSE(session().usable());
  EXPECT_EQ(query_fails("SELECT 1").reason(), "connection_lost");
}

TEST_F(PqSession, WaitsForALockOnlySoLong) {
  settings_.lock_timeout = 100ms;
  run_sql(loop_, "CREATE TABLE IF NOT EXISTS pq_test_locked (id int)");
  const auto other = open_session(loop_, shared_server());
  const Statement lock{"locking", "BEGIN; LOCK TABLE pq_test_locked"};
  loop_.run(other->execute(lock));
  EXPECT_TRUE(other->in_transaction());
  EXPECT_FALSE(other->reusable());
  EXPECT_EQ(query_fails("SELECT * FROM pq_test_locked").reason(), "55P03");
  const Statement unlock{"unlocking", "DROP TABLE pq_test_locked; COMMIT"};
  loop_.run(other->execute(unlock));
  EXPECT_TRUE(other->reusable());
}

TEST_F(PqSession, IsCancelledByAnotherTask) {
  const auto failure = fails_while_asleep(session().cancel());
  EXPECT_EQ(failure.failure(), Failure::cancelled);
  EXPECT_TRUE(session().reusable());
}

TEST_F(PqSession, EndsItsStatementOnAStop) {
  StopToken stop(loop_.executor());
  session().stop_with(stop);
  const Statement sleeping{"sleeping", "SELECT pg_sleep(20)"};
  boost::asio::post(loop_.executor(), [&] { stop.request_stop(); });
  EXPECT_EQ(query_fails(sleeping).failure(), Failure::cancelled);
  EXPECT_EQ(query_fails("SELECT 1").failure(), Failure::cancelled);
  session().forget_stop();
  EXPECT_EQ(query("SELECT 1").integer(0, 0), 1);
}

TEST_F(PqSession, IsLostWithItsBackend) {
  const std::string pid = query("SELECT pg_backend_pid()").optional_text(0, 0).value();
  EXPECT_EQ(std::stoi(pid), session().backend_pid());
  run_sql(loop_, "SELECT pg_terminate_backend(" + pid + ", 10000)");
  EXPECT_FALSE(session().reusable());
  EXPECT_EQ(query_fails("SELECT 1").reason(), "connection_lost");
}

TEST_F(PqSession, TellsWhyItsStatementLostTheServer) {
  const auto killer = open_session(loop_, shared_server());
  const Statement kill{"killing",
                       fmt::format("SELECT pg_terminate_backend({})", session().backend_pid())};
  const Error failure = fails_while_asleep(run(*killer, kill));
  EXPECT_EQ(failure.failure(), Failure::transient);
  EXPECT_EQ(failure.reason(), "57P01") << failure.what();
  EXPECT_FALSE(session().usable());
}

TEST_F(PqSession, RefusesAZeroByteAndACopyAmongQueries) {
  EXPECT_EQ(query_fails(std::string("SELECT '\0'", 10)).failure(), Failure::internal);
  EXPECT_EQ(query_fails("COPY (SELECT 1) TO STDOUT").failure(), Failure::internal);
  EXPECT_FALSE(session().usable());
}

TEST_F(PqSession, SpeaksUtcIsoAndUtf8WhateverTheServerPrefers) {
  run_sql(loop_, "ALTER ROLE postgres IN DATABASE postgres SET TimeZone = 'Asia/Tokyo'");
  const Result shown = query(
      "SELECT '2026-01-02 03:04:05.6+00'::timestamptz, '1 day 2 hours'::interval, "
      "'\\x00ff'::bytea, 0.1::float8, current_setting('client_encoding'), "
      "current_setting('statement_timeout'), current_setting('synchronize_seqscans'), "
      "current_setting('application_name')");
  run_sql(loop_, "ALTER ROLE postgres IN DATABASE postgres RESET TimeZone");
  EXPECT_EQ(shown.text(0, 0), "2026-01-02 03:04:05.6+00");
  EXPECT_EQ(shown.text(0, 1), "1 day 02:00:00");
  EXPECT_EQ(shown.text(0, 2), "\\x00ff");
  EXPECT_EQ(shown.text(0, 3), "0.1");
  EXPECT_EQ(shown.text(0, 4), "UTF8");
  EXPECT_EQ(shown.text(0, 5), "30s");
  EXPECT_EQ(shown.text(0, 6), "off");
  EXPECT_EQ(shown.text(0, 7), "rowferry/shop");
  EXPECT_GE(session().server_version(), 130000);
}

TEST_F(PqSession, GivesCellsAsTextWithTheirTypes) {
  const Result result =
      query("SELECT $1::text AS a, $2::bigint AS b, $3::numeric(9,2) AS c, $4::bool AS d",
            {"O'Hara \\ ü", "-9223372036854775808", std::nullopt, "true"});
  EXPECT_EQ(result.rows(), 1);
  EXPECT_EQ(result.columns(), 4);
  EXPECT_EQ(result.column_name(1), "b");
  EXPECT_EQ(result.column_type(1), pq::kBigintOid);
  EXPECT_EQ(result.column_modifier(2), (9 << 16 | 2) + 4);
  EXPECT_EQ(result.text(0, 0), "O'Hara \\ ü");
  EXPECT_EQ(result.integer(0, 1), std::numeric_limits<std::int64_t>::min());
  EXPECT_TRUE(result.is_null(0, 2));
  EXPECT_EQ(result.optional_text(0, 2), std::nullopt);
  EXPECT_THROW(std::ignore = result.integer(0, 2), Error);
  EXPECT_TRUE(result.boolean(0, 3));
}

TEST_F(PqSession, RunsSeveralStatementsInOneRoundTrip) {
  const Statement several{"asking thrice",
                          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1; SELECT 2, 3 "
                          "UNION ALL SELECT 4, 5; COMMIT"};
  const std::vector<Result> results = loop_.run(session().query_all(several));
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(results[1].integer(0, 0), 1);
  EXPECT_EQ(results[2].integer(1, 1), 5);
  EXPECT_FALSE(session().in_transaction());
}

TEST_F(PqSession, CountsTheRowsThatAStatementTouched) {
  const Statement create{"creating", "CREATE TEMP TABLE t AS SELECT generate_series(1, 7)"};
  EXPECT_EQ(loop_.run(session().execute(create)), 7);
  const Statement remove{"removing", "DELETE FROM t WHERE generate_series > 4"};
  EXPECT_EQ(loop_.run(session().execute(remove)), 3);
}

TEST_F(PqSession, SendsAStatementLargerThanEveryBuffer) {
  const std::string long_text(8u << 20, 'x');
  EXPECT_EQ(query("SELECT length($1)", {long_text}).integer(0, 0), 8 << 20);
  EXPECT_EQ(query("SELECT length('" + long_text + "')").integer(0, 0), 8 << 20);
}

TEST_F(PqSession, HandsOutTheBytesOfADatabaseWithoutEncoding) {
  const std::string name = "pq_test_ascii_" + std::to_string(getpid());
  run_sql(loop_, "CREATE DATABASE " + name +
                     " ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  EXPECT_FALSE(session().text_is_unchecked());
  settings_.dsn = with(settings_.dsn, "dbname=" + name);
  session_ = open_session(loop_, settings_);
  EXPECT_TRUE(session().text_is_unchecked());
  EXPECT_EQ(query("SELECT E'\\xff'").text(0, 0), "\xff");
  session_.reset();
  run_sql(loop_, "DROP DATABASE " + name + " WITH (FORCE)");
}

TEST_F(PqSession, HasANumberOfItsOwn) {
  const auto other = open_session(loop_, settings_);
  EXPECT_NE(session().serial(), other->serial());
}

}  // namespace
}  // namespace rowferry::test
