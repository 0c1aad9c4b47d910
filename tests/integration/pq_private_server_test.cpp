// What only a server of one's own can show: restarts, crashes and TLS.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pq/session.hpp"
#include "tests/integration/server.hpp"

namespace rowferry::test {
namespace {

using pq::CopyReader;
using pq::CopyStep;
using pq::Session;
using pq::Statement;
using testing::AnyOf;

const Statement kCount{"asking",
                       "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND "
                       "pid = pg_backend_pid()"};
const Statement kLongCopy{"copying",
                          "COPY (SELECT repeat('x', 300), generate_series(1, 400000)) "
                          "TO STDOUT (FORMAT binary)"};

class PrivateServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<PrivateServer>(); }
  static void TearDownTestSuite() { server_.reset(); }

  /// Reads a long COPY and does something to the server after the first rows.
  template <class Action>
  std::optional<Error> read_and(Session& session, std::int64_t& rows, Action action) {
    const auto body = [&]() -> Task<> {
      CopyReader reader = co_await session.copy_out(kLongCopy);
      std::string_view row;
      for (CopyStep step = reader.next(row); step != CopyStep::end; step = reader.next(row)) {
        if (step == CopyStep::wait) {
          co_await reader.wait();
        } else if (++rows == 1000) {
          action();
        }
      }
    };
    return loop_.run(failure_of(body()));
  }

  static std::unique_ptr<PrivateServer> server_;
  TestLoop loop_;
};

std::unique_ptr<PrivateServer> PrivateServerTest::server_;

TEST_F(PrivateServerTest, StoppedInTheMiddleOfACopy) {
  const auto session = open_session(loop_, server_->settings());
  std::int64_t rows = 0;
  const auto failure = read_and(*session, rows, [&] { server_->control("stop"); });
  EXPECT_EQ(failure->failure(), Failure::transient);
  EXPECT_THAT(failure->reason(), AnyOf("57P01", "connection_lost"));
  EXPECT_LT(rows, 400'000);
  EXPECT_FALSE(session->usable());
  const auto refused =
      loop_.run(failure_of(Session::connect(server_->settings(), environment(loop_))));
  EXPECT_EQ(refused->reason(), "unreachable");
  server_->control("start");
  EXPECT_TRUE(open_session(loop_, server_->settings())->usable());
}

TEST_F(PrivateServerTest, CrashedInTheMiddleOfACopy) {
  const auto session = open_session(loop_, server_->settings());
  std::int64_t rows = 0;
  const auto failure = read_and(*session, rows, [&] { server_->control("restart-immediate"); });
  EXPECT_EQ(failure->failure(), Failure::transient);
  EXPECT_LT(rows, 400'000);
  EXPECT_FALSE(session->reusable());
  EXPECT_TRUE(open_session(loop_, server_->settings())->usable());
}

TEST_F(PrivateServerTest, SpeaksTls) {
  const auto certificate = server_->use_tls(loop_);
  pq::ConnectSettings settings = server_->settings();
  settings.dsn = with(settings.dsn, "sslmode=verify-full sslrootcert=" + certificate.string());
  std::unique_ptr<Session> session;
  // The server reads its configuration again in its own time.
  for (int tries = 0; session == nullptr && tries < 50; ++tries) {
    loop_.run(failure_of([](auto& opened, auto connect) -> Task<> {
      opened = co_await std::move(connect);
    }(session, Session::connect(settings, environment(loop_)))));
  }
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(loop_.run(session->query(kCount)).integer(0, 0), 1);
  std::int64_t rows = 0;
  EXPECT_FALSE(read_and(*session, rows, [] {}).has_value());
  EXPECT_EQ(rows, 400'000);
  EXPECT_TRUE(session->reusable());
}

TEST_F(PrivateServerTest, IsNotTrustedWithAnUnknownCertificate) {
  server_->use_tls(loop_);
  pq::ConnectSettings settings = server_->settings();
  settings.dsn =
      with(settings.dsn, "sslmode=verify-full sslrootcert=/etc/ssl/certs/ca-certificates.crt");
  const auto failure = loop_.run(failure_of(Session::connect(settings, environment(loop_))));
  EXPECT_EQ(failure->failure(), Failure::transient);
  EXPECT_EQ(failure->reason(), "tls");
}

}  // namespace
}  // namespace rowferry::test
