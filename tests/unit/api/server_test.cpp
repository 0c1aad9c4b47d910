#include "api/server.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "api/reply.hpp"
#include "base/error.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/unit/api/api_client.hpp"

namespace rowferry::api {
namespace {

using std::chrono::milliseconds;
using test::ApiClient;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kLastGet =
    "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

class ServerTest : public testing::Test {
 public:
  ServerTest() : router_(Admission{}, loop_.runtime().log), gate_(loop_.executor()) {
    settings_.listen.host = "127.0.0.1";
    settings_.limits.linger_timeout = milliseconds(500);
    router_.add({"GET", "/echo", Scope::open, &ServerTest::echo});
    router_.add({"POST", "/echo", Scope::open, &ServerTest::echo});
    router_.add({"GET", "/gate", Scope::open,
                 [this](Request request) { return wait_at_gate(std::move(request)); }});
    router_.add({"GET", "/large", Scope::open, &ServerTest::send_much});
    router_.add({"GET", "/stream", Scope::open,
                 [this](Request request) { return open_stream(std::move(request)); }});
  }

  static Task<Response> echo(Request request) {
    Response response;
    response.body = request.method + " " + request.body;
    co_return response;
  }
  static Task<Response> send_much(Request /*request*/) {
    Response response;
    response.body = std::string(32u << 20, 'x');
    co_return response;
  }
  Task<Response> wait_at_gate(Request request) {
    ++at_gate_;
    co_await gate_.wait();
    co_return co_await echo(std::move(request));
  }
  Task<Response> open_stream(Request /*request*/) {
    Response response;
    BodyStream stream;
    stream.next = [this] { return next_piece(); };
    stream.close = [this] {
      is_stream_closed_ = true;
      gate_.notify();
    };
    response.stream = std::move(stream);
    co_return response;
  }
  Task<std::string> next_piece() {
    while (pieces_.empty() && !is_stream_closed_) {
      co_await gate_.wait();
    }
    if (is_stream_closed_) {
      co_return std::string();
    }
    std::string piece = pieces_.front();
    pieces_.pop_front();
    co_return piece;
  }

  /// Runs a server for as long as the test's task takes.
  void with_server(Task<> task) {
    server_ = std::make_unique<Server>(loop_.runtime(), settings_, router_);
    server_->start();
    loop_.run(run_beside(std::move(task)));
  }
  Task<> run_beside(Task<> task) {
    TaskGroup group(loop_.executor());
    group.spawn(server_->serve());
    std::exception_ptr failure;
    try {
      co_await std::move(task);
    } catch (...) {
      failure = std::current_exception();
    }
    server_->stop();
    gate_.notify();
    co_await group.join();
    if (failure) {
      std::rethrow_exception(failure);
    }
  }

  ApiClient& client() { return clients_.emplace_back(loop_.executor()); }

  /// Sends bytes on a connection of its own and gives the whole answer.
  Task<std::string> ask(std::string request) {
    ApiClient& one = client();
    co_await one.connect(server_->port());
    co_await one.send(request);
    std::string answer = co_await one.read_all();
    co_return answer;
  }

  test::TestLoop loop_;
  ServerSettings settings_;
  Router router_;
  Event gate_;
  int at_gate_ = 0;
  std::deque<std::string> pieces_;
  bool is_stream_closed_ = false;
  std::unique_ptr<Server> server_;
  std::deque<ApiClient> clients_;
};

TEST_F(ServerTest, AnswersOneRequestAfterTheOther) {
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& one = test.client();
    co_await one.connect(test.server_->port());
    std::string requests(kGet);
    requests += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    requests += kLastGet;
    co_await one.send(requests);
    const std::string answer = co_await one.read_all();
    EXPECT_THAT(answer, HasSubstr("\r\n\r\nGET HTTP/1.1 200 OK"));
    EXPECT_THAT(answer, HasSubstr("POST abcHTTP/1.1 200 OK"));
  }(*this));
}

TEST_F(ServerTest, ReadsOnAfterItRefusedABody) {
  settings_.limits.body_bytes_max = 100'000;
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& one = test.client();
    co_await one.connect(test.server_->port());
    co_await one.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
    const std::string piece(80'000, 'x');
    for (int count = 0; count < 100; ++count) {
      const bool is_sent = co_await one.send(piece);
      EXPECT_TRUE(is_sent);
    }
    const std::string answer = co_await one.read_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
    EXPECT_THAT(answer, HasSubstr("the body is over 100000 bytes"));
  }(*this));
}

TEST_F(ServerTest, TellsWhoIsTooSlow) {
  settings_.limits.header_timeout = milliseconds(100);
  settings_.limits.body_timeout = milliseconds(100);
  with_server([](ServerTest& test) -> Task<> {
    std::string answer = co_await test.ask("GET /echo HTTP/1.1\r\nHo");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
    answer = co_await test.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
    answer = co_await test.ask("");
    EXPECT_EQ(answer, "");
  }(*this));
}

TEST_F(ServerTest, ClosesWhoIsIdle) {
  settings_.limits.idle_timeout = milliseconds(100);
  with_server([](ServerTest& test) -> Task<> {
    const std::string answer = co_await test.ask(std::string(kGet));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  }(*this));
}

TEST_F(ServerTest, SendsAwayWhoHasWaitedForLongest) {
  settings_.limits.connections_max = 3;
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& idle = test.client();
    co_await idle.connect(test.server_->port());
    co_await idle.send(kGet);
    const std::string first = co_await idle.read_until("GET ");
    EXPECT_THAT(first, StartsWith("HTTP/1.1 200"));
    ApiClient& working = test.client();
    co_await working.connect(test.server_->port());
    co_await working.send("GET /gate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    while (test.at_gate_ == 0) {
      co_await boost::asio::post(test.loop_.executor(), boost::asio::use_awaitable);
    }
    for (int count = 0; count < 20; ++count) {
      ApiClient& half_open = test.client();
      co_await half_open.connect(test.server_->port());
      co_await half_open.send("GET /ec");
    }
    const std::string answer = co_await test.ask(std::string(kLastGet));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    const std::string rest = co_await idle.read_all();
    EXPECT_EQ(rest, "");
    test.gate_.notify();
    const std::string late = co_await working.read_all();
    EXPECT_THAT(late, StartsWith("HTTP/1.1 200"));
  }(*this));
}

TEST_F(ServerTest, SendsAwayWhoDoesNotTakeItsAnswer) {
  settings_.limits.connections_max = 2;
  with_server([](ServerTest& test) -> Task<> {
    for (int count = 0; count < 4; ++count) {
      ApiClient& lazy = test.client();
      co_await lazy.connect(test.server_->port());
      co_await lazy.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    const std::string answer = co_await test.ask(std::string(kLastGet));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  }(*this));
}

TEST_F(ServerTest, KeepsRoomForTheBodiesOfAll) {
  settings_.limits.bodies_bytes_max = 1000;
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& slow = test.client();
    co_await slow.connect(test.server_->port());
    co_await slow.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nabc");
    std::string answer;
    while (!answer.starts_with("HTTP/1.1 503")) {
      answer = co_await test.ask(
          "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab");
    }
    slow.close();
    while (!answer.starts_with("HTTP/1.1 200")) {
      answer = co_await test.ask(
          "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab");
    }
  }(*this));
}

TEST_F(ServerTest, SendsAStreamInChunksUntilItsEnd) {
  pieces_ = {"one", "two", ""};
  with_server([](ServerTest& test) -> Task<> {
    const std::string answer = co_await test.ask("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    test.pieces_ = {"three", ""};
    const std::string old = co_await test.ask("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old, testing::EndsWith("\r\n\r\nthree"));
    const std::string head =
        co_await test.ask("HEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(head, testing::EndsWith("\r\n\r\n"));
  }(*this));
}

TEST_F(ServerTest, SeesAtOnceThatAListenerIsGone) {
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& listener = test.client();
    co_await listener.connect(test.server_->port());
    co_await listener.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    co_await listener.read_until("\r\n\r\n");
    listener.close();
    while (!test.is_stream_closed_) {
      co_await test.gate_.wait();
    }
  }(*this));
}

TEST_F(ServerTest, DoesNotCountListenersAmongThoseWhoAsk) {
  settings_.limits.connections_max = 1;
  with_server([](ServerTest& test) -> Task<> {
    for (int count = 0; count < 5; ++count) {
      ApiClient& listener = test.client();
      co_await listener.connect(test.server_->port());
      co_await listener.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      co_await listener.read_until("\r\n\r\n");
    }
    const std::string answer = co_await test.ask(std::string(kLastGet));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_FALSE(test.is_stream_closed_);
  }(*this));
}

TEST_F(ServerTest, EndsStreamsWhenItStops) {
  with_server([](ServerTest& test) -> Task<> {
    ApiClient& listener = test.client();
    co_await listener.connect(test.server_->port());
    co_await listener.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
    co_await listener.read_until("\r\n\r\n");
  }(*this));
  EXPECT_TRUE(is_stream_closed_);
}

TEST_F(ServerTest, ListensOnAddressesOnly) {
  settings_.listen.host = "localhost";
  Server server(loop_.runtime(), settings_, router_);
  EXPECT_THROW(server.start(), Error);
}

}  // namespace
}  // namespace rowferry::api
