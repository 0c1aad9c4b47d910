// Opening sessions where something is wrong: each failure says what, and none takes too long.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "pq/conninfo.hpp"
#include "pq/session.hpp"
#include "tests/integration/freezing_proxy.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using pq::CopyReader;
using pq::CopyStep;
using pq::Session;
using pq::Statement;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A port that takes connections and says nothing.
class SilentServer {
 public:
  explicit SilentServer(TestLoop& loop)
      : acceptor_(loop.executor(), tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {}
  [[nodiscard]] int port() const { return acceptor_.local_endpoint().port(); }

 private:
  tcp::acceptor acceptor_;
};

class PqConnect : public testing::Test {
 protected:
  Error connect_fails() {
    const auto failure = loop_.run(failure_of(Session::connect(settings_, environment(loop_))));
    if (!failure) {
      throw std::runtime_error("a session was opened");
    }
    return *failure;
  }

  /// The shared server's keywords with others for some of them.
  void use(const std::string& keywords) { settings_.dsn = with(settings_.dsn, keywords); }
  void use_tcp() { settings_.dsn = required_environment("ROWFERRY_TEST_POSTGRES_TCP"); }

  /// The shared server's socket file.
  static std::string socket_file() {
    const auto parameters = pq::parse_connection_string(shared_server().dsn);
    return fmt::format("{}/.s.PGSQL.{}", parameters.at("host"), parameters.at("port"));
  }

  TestLoop loop_;
  pq::ConnectSettings settings_ = shared_server();
};

TEST_F(PqConnect, RefusesAStringThatIsNone) {
  settings_.dsn = "hots=db password=hunter2";
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("connection shop: dsn: "), HasSubstr("hots"),
                                  Not(HasSubstr("hunter2"))));
}

TEST_F(PqConnect, SaysThatNobodyListens) {
  settings_.dsn = "host=127.0.0.1 port=1 user=etl dbname=shop";
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "unreachable");
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("connection shop: opening a session: "),
                    HasSubstr("Connection refused"), HasSubstr("check host and port")));
}

TEST_F(PqConnect, SaysThatAHostIsUnknown) {
  settings_.dsn = "host=no-such-host.invalid user=etl dbname=shop";
  EXPECT_EQ(connect_fails().reason(), "unreachable");
}

TEST_F(PqConnect, GivesUpOnAServerThatSaysNothing) {
  const SilentServer silent(loop_);
  settings_.dsn = fmt::format("host=127.0.0.1 port={} user=etl dbname=shop", silent.port());
  settings_.connect_timeout = 300ms;
  const auto begin = steady_clock::now();
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "timeout");
  EXPECT_THAT(error.what(),
              HasSubstr(fmt::format("no answer from 127.0.0.1:{}/shop", silent.port())));
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

TEST_F(PqConnect, KeepsADeadlineForAllHosts) {
  const SilentServer silent(loop_);
  settings_.dsn =
      fmt::format("host=127.0.0.1,127.0.0.1 port={} user=etl connect_timeout=20", silent.port());
  const auto begin = steady_clock::now();
  settings_.connect_until = begin + 400ms;
  EXPECT_EQ(connect_fails().reason(), "timeout");
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

TEST_F(PqConnect, GoesOnToTheNextHost) {
  const SilentServer silent(loop_);
  const auto parameters = pq::parse_connection_string(settings_.dsn);
  use(fmt::format("host=127.0.0.1,127.0.0.1,{} port={},1,{}", parameters.at("host"), silent.port(),
                  parameters.at("port")));
  settings_.connect_timeout = 1s;
  EXPECT_TRUE(open_session(loop_, settings_)->usable());
}

TEST_F(PqConnect, TellsAWrongPasswordAndNeverRepeatsIt) {
  use_tcp();
  settings_.password = Secret("hunter2");
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "28P01");
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("password authentication failed for user \"postgres\""),
                    HasSubstr("correct the user or password"), Not(HasSubstr("hunter2"))));
}

TEST_F(PqConnect, TellsAMissingPassword) {
  use_tcp();
  use("password='' passfile=/nowhere");
  EXPECT_EQ(connect_fails().reason(), "authentication");
}

TEST_F(PqConnect, PutsTheConfiguredPasswordFirst) {
  use_tcp();
  const std::string right = pq::parse_connection_string(settings_.dsn).at("password");
  use("password=wrong");
  settings_.password = Secret(right);
  EXPECT_TRUE(open_session(loop_, settings_)->usable());
}

TEST_F(PqConnect, TellsAMissingDatabase) {
  use("dbname=pq_test_nowhere");
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "3D000");
  EXPECT_THAT(error.what(), HasSubstr("create it, or correct the configuration"));
}

TEST_F(PqConnect, TellsThatThereAreTooManyClients) {
  run_sql(loop_,
          "DROP ROLE IF EXISTS pq_test_one; "
          "CREATE ROLE pq_test_one LOGIN CONNECTION LIMIT 1");
  use("user=pq_test_one");
  auto first = open_session(loop_, settings_);
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "53300");
  EXPECT_THAT(error.what(), HasSubstr("lower max_sessions"));
  const Statement leave{"ending", "SELECT pg_terminate_backend(pg_backend_pid())"};
  loop_.run(failure_of(first->query(leave)));
  run_sql(loop_, "DROP ROLE pq_test_one");
}

TEST_F(PqConnect, TellsThatTheServerHasNoTls) {
  use_tcp();
  use("sslmode=require");
  const Error error = connect_fails();
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "tls");
  EXPECT_THAT(error.what(), HasSubstr("check sslmode"));
}

TEST_F(PqConnect, LeavesTheApplicationNameToTheString) {
  use("application_name=warehouse");
  const auto session = open_session(loop_, settings_);
  const Statement ask{"asking", "SELECT current_setting('application_name')"};
  EXPECT_EQ(loop_.run(session->query(ask)).text(0, 0), "warehouse");
}

/// A session through a proxy that can fall silent.
class PqSilence : public PqConnect {
 protected:
  PqSilence() {
    use(fmt::format("host=127.0.0.1 port={}", proxy_.port()));
    use_password();
    settings_.statement_timeout = 60s;
    session_ = open_session(loop_, settings_);
  }

  void use_password() {
    const std::string tcp_dsn = required_environment("ROWFERRY_TEST_POSTGRES_TCP");
    settings_.password = Secret(pq::parse_connection_string(tcp_dsn).at("password"));
  }

  FreezingProxy proxy_{loop_.executor(), socket_file()};
  std::unique_ptr<Session> session_;
};

TEST_F(PqSilence, EndsAQueryAtItsDeadline) {
  proxy_.freeze();
  Statement ask{"asking", "SELECT 1"};
  ask.timeout = 300ms;
  const auto begin = steady_clock::now();
  const auto failure = loop_.run(failure_of(session_->query(ask)));
  EXPECT_EQ(failure->reason(), "timeout");
  EXPECT_FALSE(session_->usable());
  // The cancel request does not come through either, and gets 5 seconds.
  EXPECT_LT(steady_clock::now() - begin, 7s);
}

TEST_F(PqSilence, EndsACopyAtItsDeadline) {
  proxy_.freeze_after(3u << 20);
  Statement copy{"copying",
                 "COPY (SELECT generate_series(1, 100000000)) TO STDOUT (FORMAT binary)"};
  copy.timeout = 300ms;
  std::int64_t rows = 0;
  const auto body = [&]() -> Task<> {
    CopyReader reader = co_await session_->copy_out(copy);
    std::string_view row;
    for (CopyStep step = reader.next(row); step != CopyStep::end; step = reader.next(row)) {
      if (step == CopyStep::wait) {
        co_await reader.wait();
      } else {
        ++rows;
      }
    }
  };
  const auto failure = loop_.run(failure_of(body()));
  EXPECT_EQ(failure->reason(), "timeout");
  EXPECT_GT(rows, 50'000);
  EXPECT_FALSE(session_->usable());
}

TEST_F(PqSilence, EndsTheOpeningOfASession) {
  proxy_.freeze();
  settings_.connect_timeout = 300ms;
  EXPECT_EQ(connect_fails().reason(), "timeout");
}

}  // namespace
}  // namespace rowferry::test
