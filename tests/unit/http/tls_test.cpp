#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/error.hpp"
#include "http/client.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/unit/http/tls_server.hpp"

namespace rowferry::http {
namespace {

using test::Certificate;
using test::TemporaryFolder;
using test::TestLoop;
using test::TlsServer;
using testing::HasSubstr;

class TlsTest : public testing::Test {
 protected:
  Client client(const std::string& host, std::uint16_t port, const std::filesystem::path& ca_file) {
    ClientSettings settings;
    settings.endpoint = {true, host, port};
    settings.ca_file = ca_file;
    return Client(loop_.executor(), loop_.runtime().workers, settings);
  }

  Error failure(Client to) {
    Request request;
    request.timeout = std::chrono::milliseconds(2000);
    try {
      loop_.run(to.send(request));
    } catch (const Error& error) {
      return error;
    }
    return {Failure::internal, "it did not fail"};
  }

  TemporaryFolder folder_;
  TestLoop loop_;
  Certificate right_{folder_.path(), "right", "DNS:localhost,IP:127.0.0.1"};
};

TEST_F(TlsTest, RefusesACertificateThatNobodyVouchesFor) {
  TlsServer server(loop_.executor(), right_);
  const Error error = failure(client("localhost", server.port(), ""));
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "tls");
  EXPECT_THAT(error.what(), HasSubstr("self-signed certificate"));
  EXPECT_THAT(error.what(), HasSubstr("localhost:"));
}

TEST_F(TlsTest, RefusesACertificateOfAnotherName) {
  const Certificate other(folder_.path(), "other", "DNS:es.example");
  TlsServer server(loop_.executor(), other);
  EXPECT_THAT(failure(client("localhost", server.port(), other.certificate)).what(),
              HasSubstr("hostname mismatch"));
  EXPECT_THAT(failure(client("127.0.0.1", server.port(), other.certificate)).what(),
              HasSubstr("IP address mismatch"));
}

TEST_F(TlsTest, RefusesAnAuthorityThatIsNone) {
  TlsServer server(loop_.executor(), right_);
  std::ofstream(folder_.path() / "empty.crt") << "no certificate\n";
  EXPECT_EQ(failure(client("localhost", server.port(), folder_.path() / "empty.crt")).failure(),
            Failure::config);
}

TEST_F(TlsTest, RefusesAServerWithoutTls) {
  test::ScriptedHttpServer server(
      loop_.executor(), [](const test::HttpSeen&) { return test::http_answer(200, "ok"); });
  EXPECT_NE(failure(client("127.0.0.1", server.port(), right_.certificate)).failure(),
            Failure::internal);
}

TEST_F(TlsTest, TalksToAServerThatItTrusts) {
  TlsServer server(loop_.executor(), right_);
  Client to = client("localhost", server.port(), right_.certificate);
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(loop_.run(to.send(Request{})).body, "ok");
  }
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(server.name_asked_for(), "localhost");
}

TEST_F(TlsTest, KnowsAServerByItsAddress) {
  TlsServer server(loop_.executor(), right_);
  Client to = client("127.0.0.1", server.port(), right_.certificate);
  EXPECT_EQ(loop_.run(to.send(Request{})).body, "ok");
  EXPECT_EQ(server.name_asked_for(), "");
}

TEST_F(TlsTest, SendsLargeBodies) {
  TlsServer server(loop_.executor(), right_);
  Client to = client("localhost", server.port(), right_.certificate);
  const std::string body(5'000'000, 'x');
  Request request;
  request.method = Method::put;
  request.body = body;
  EXPECT_EQ(loop_.run(to.send(request)).status, 200u);
  EXPECT_EQ(server.body_bytes(), body.size());
}

}  // namespace
}  // namespace rowferry::http
