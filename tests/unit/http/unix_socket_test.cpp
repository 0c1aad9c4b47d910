#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <thread>

#include "base/error.hpp"
#include "http/client.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Answers one request on a local socket, from a thread of its own.
class LocalServer {
 public:
  explicit LocalServer(const std::string& path) : listener_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const auto* plain = reinterpret_cast<const sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, plain, sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    thread_ = std::thread([this] { answer(); });
  }
  ~LocalServer() {
    if (thread_.joinable()) {
      thread_.join();
    }
    close(listener_);
  }
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  /// The request's head, once it was answered.
  std::string seen() {
    thread_.join();
    return seen_;
  }

 private:
  void answer() {
    const int client = accept(listener_, nullptr, nullptr);
    std::array<char, 4096> room{};
    while (seen_.find("\r\n\r\n") == std::string::npos) {
      const ssize_t size = read(client, room.data(), room.size());
      if (size <= 0) {
        break;
      }
      seen_.append(room.data(), static_cast<std::size_t>(size));
    }
    const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    EXPECT_EQ(write(client, reply.data(), reply.size()), static_cast<ssize_t>(reply.size()));
    close(client);
  }

  int listener_;
  std::thread thread_;
  std::string seen_;
};

Client client_of(test::TestLoop& loop, const std::string& path) {
  ClientSettings settings;
  settings.endpoint.unix_path = path;
  return Client(loop.executor(), loop.runtime().workers, settings);
}

TEST(UnixSocket, CarriesARequest) {
  test::TestLoop loop;
  const test::TemporaryFolder folder;
  const std::string path = folder.path() / "api.sock";
  LocalServer server(path);
  Client client = client_of(loop, path);
  Request request;
  request.target = "/v1/jobs";
  const Response response = loop.run(client.send(request));
  EXPECT_EQ(response.status, 200u);
  EXPECT_EQ(response.body, "hello");
  const std::string head = server.seen();
  EXPECT_THAT(head, StartsWith("GET /v1/jobs HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Host: localhost\r\n"));
}

TEST(UnixSocket, IsNamedWhereNobodyListens) {
  test::TestLoop loop;
  const test::TemporaryFolder folder;
  Client client = client_of(loop, folder.path() / "api.sock");
  try {
    loop.run(client.send(Request()));
    FAIL() << "nobody listens there";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::transient);
    EXPECT_EQ(error.reason(), "refused");
    EXPECT_THAT(error.what(), HasSubstr("unix:" + (folder.path() / "api.sock").string()));
  }
}

TEST(UnixSocket, HasAPathOfLimitedLength) {
  test::TestLoop loop;
  Client client = client_of(loop, "/" + std::string(200, 'x'));
  try {
    loop.run(client.send(Request()));
    FAIL() << "such a path cannot be";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
  }
}

}  // namespace
}  // namespace rowferry::http
