#include "api/certificate.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "api/server.hpp"
#include "base/error.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/unit/api/api_client.hpp"

namespace rowferry::api {
namespace {

using std::filesystem::copy_options;
using test::ApiClient;
using testing::HasSubstr;
using testing::StartsWith;

class CertificateTest : public testing::Test {
 public:
  CertificateTest() {
    files_.certificate_file = folder_.path() / "api.crt";
    files_.private_key_file = folder_.path() / "api.key";
    install(one_);
  }

  void install(const test::Certificate& pair) {
    std::filesystem::copy_file(pair.certificate, files_.certificate_file,
                               copy_options::overwrite_existing);
    std::filesystem::copy_file(pair.key, files_.private_key_file, copy_options::overwrite_existing);
  }

  /// Lets it look at its files once, which it says in the log.
  void look_again(Certificate& certificate) {
    const auto look = [](Certificate& looked_at, test::TestLoop& loop) -> Task<> {
      TaskGroup group(loop.executor());
      group.spawn(looked_at.watch());
      looked_at.check_now();
      while (loop.logged().empty()) {
        co_await boost::asio::post(loop.executor(), boost::asio::use_awaitable);
      }
      looked_at.stop();
      co_await group.join();
    };
    loop_.run(look(certificate, loop_));
  }

  test::TestLoop loop_;
  test::TemporaryFolder folder_;
  test::Certificate one_{folder_.path(), "one", "DNS:localhost"};
  test::Certificate other_{folder_.path(), "other", "DNS:localhost"};
  TlsFiles files_;
};

TEST_F(CertificateTest, SaysWhichKeyOfTheConfigurationIsWrong) {
  std::filesystem::copy_file(other_.key, files_.private_key_file, copy_options::overwrite_existing);
  Certificate certificate(loop_.runtime(), files_);
  try {
    certificate.load();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_THAT(error.what(), StartsWith("daemon.tls.private_key_file: the key in "));
  }
}

TEST_F(CertificateTest, IsReadAgainWhenItsFilesChanged) {
  Certificate certificate(loop_.runtime(), files_);
  certificate.load();
  const auto first = certificate.identity();
  install(other_);
  look_again(certificate);
  EXPECT_NE(certificate.identity(), first);
  EXPECT_THAT(loop_.logged(), HasSubstr("the certificate of the API was read again"));
}

TEST_F(CertificateTest, StaysWhenTheNewOneCannotBeUsed) {
  Certificate certificate(loop_.runtime(), files_);
  certificate.load();
  const auto first = certificate.identity();
  std::ofstream(files_.certificate_file) << "half a file";
  look_again(certificate);
  EXPECT_EQ(certificate.identity(), first);
  EXPECT_THAT(loop_.logged(), HasSubstr("the old one stays"));
  EXPECT_THAT(loop_.logged(), HasSubstr("holds no certificate"));
}

TEST_F(CertificateTest, IsShownToClients) {
  Router router(Admission{}, loop_.runtime().log);
  ServerSettings settings;
  settings.listen.host = "127.0.0.1";
  settings.tls = files_;
  Server server(loop_.runtime(), settings, router);
  server.start();
  const auto talk = [](test::TestLoop& loop, Server& asked) -> Task<> {
    TaskGroup group(loop.executor());
    group.spawn(asked.serve());
    ApiClient client(loop.executor());
    const bool is_connected = co_await client.connect_tls(asked.port());
    EXPECT_TRUE(is_connected);
    EXPECT_EQ(client.server_name(), "one");
    co_await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const std::string answer = co_await client.read_until("no such path");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404"));
    client.close();
    ApiClient plain(loop.executor());
    co_await plain.connect(asked.port());
    co_await plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const std::string refusal = co_await plain.read_all();
    EXPECT_THAT(refusal, StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(refusal, HasSubstr("https://"));
    asked.stop();
    co_await group.join();
  };
  loop_.run(talk(loop_, server));
}

}  // namespace
}  // namespace rowferry::api
