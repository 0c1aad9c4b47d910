#include "http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/async.hpp"
#include "base/error.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::http {
namespace {

using test::http_answer;
using test::HttpAnswer;
using test::HttpSeen;
using test::ScriptedHttpServer;
using test::TestLoop;
using testing::HasSubstr;
using Then = HttpAnswer::Then;

/// A client of a server that answers every request alike, or as told.
struct Pair {
  explicit Pair(ScriptedHttpServer::Answer answer)
      : server(loop.executor(), std::move(answer)), client(make_client(server.port(), 16)) {}

  std::unique_ptr<Client> make_client(std::uint16_t port, std::size_t connections_max) {
    ClientSettings settings;
    settings.endpoint = {false, "127.0.0.1", port};
    settings.connections_max = connections_max;
    return std::make_unique<Client>(loop.executor(), loop.runtime().workers, settings);
  }

  Response send(const Request& request) { return loop.run(client->send(request)); }

  /// The error of a request that fails.
  Error failure(const Request& request) {
    try {
      send(request);
    } catch (const Error& error) {
      return error;
    }
    return {Failure::internal, "it did not fail"};
  }

  TestLoop loop;
  ScriptedHttpServer server;
  std::unique_ptr<Client> client;
};

Request repeatable() {
  Request request;
  request.repeatable = Repeatable::yes;
  return request;
}

Request with_body(std::string_view body) {
  Request request = repeatable();
  request.method = Method::post;
  request.body = body;
  return request;
}

HttpAnswer raw(std::string bytes, Then then) { return {std::move(bytes), then}; }

TEST(HttpClient, NamesTheServerThatRefusesConnections) {
  Pair pair([](const HttpSeen&) { return http_answer(200, ""); });
  const auto nobody = pair.make_client(1, 1);
  try {
    pair.loop.run(nobody->send(repeatable()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::transient);
    EXPECT_EQ(error.reason(), "refused");
    EXPECT_STREQ(error.what(), "cannot connect to 127.0.0.1:1: Connection refused");
  }
}

TEST(HttpClient, NamesTheHostThatIsUnknown) {
  TestLoop loop;
  ClientSettings settings;
  settings.endpoint = {false, "no-such-host.invalid", 9200};
  Client client(loop.executor(), loop.runtime().workers, settings);
  try {
    loop.run(client.send(repeatable()));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.reason(), "dns");
    EXPECT_THAT(error.what(), HasSubstr("no-such-host.invalid:9200"));
  }
}

TEST(HttpClient, FailsWhereTheReplyIsCutOff) {
  Pair pair([](const HttpSeen&) {
    return raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Then::close);
  });
  const Error error = pair.failure(repeatable());
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "cut_off");
  EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:"));
  EXPECT_EQ(pair.server.seen().size(), 1u);
}

TEST(HttpClient, FailsWhereTheReplyIsNoHttp) {
  Pair pair([](const HttpSeen&) { return raw("* OK IMAP4 ready\r\n", Then::close); });
  EXPECT_EQ(pair.failure(repeatable()).reason(), "protocol");
}

TEST(HttpClient, FailsWhereTheReplyIsTooLong) {
  Pair pair([](const HttpSeen&) { return http_answer(200, std::string(1000, 'x')); });
  Request request = repeatable();
  request.reply_bytes_max = 999;
  EXPECT_EQ(pair.failure(request).failure(), Failure::too_large);
  request.reply_bytes_max = 1000;
  EXPECT_EQ(pair.send(request).body.size(), 1000u);
}

TEST(HttpClient, DoesNotWaitBeyondItsTime) {
  Pair pair([](const HttpSeen&) { return raw("", Then::hang); });
  Request request = repeatable();
  request.timeout = std::chrono::milliseconds(50);
  const Error error = pair.failure(request);
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "timeout");
  EXPECT_THAT(error.what(), HasSubstr("waiting for a reply within 50 ms"));
  EXPECT_EQ(pair.server.seen().size(), 1u);
}

TEST(HttpClient, DoesNotWaitForTheRestOfAReply) {
  Pair pair([](const HttpSeen&) {
    return raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Then::hang);
  });
  Request request = repeatable();
  request.timeout = std::chrono::milliseconds(50);
  EXPECT_THAT(pair.failure(request).what(), HasSubstr("receiving the reply"));
}

TEST(HttpClient, TellsAnEndWithoutReplyFromAReset) {
  Then then = Then::close;
  Pair pair([&then](const HttpSeen&) { return raw("", then); });
  EXPECT_EQ(pair.failure(repeatable()).reason(), "closed");
  then = Then::reset;
  EXPECT_EQ(pair.failure(repeatable()).reason(), "reset");
  EXPECT_EQ(pair.server.seen().size(), 2u);
}

TEST(HttpClient, SaysThatALargeBodyWasCutShort) {
  Pair pair([](const HttpSeen&) { return raw("", Then::reset); });
  pair.server.answer_after(1000);
  const std::string body(32u << 20, 'x');
  EXPECT_EQ(pair.failure(with_body(body)).reason(), "closed_while_sending");
  EXPECT_EQ(pair.failure(with_body(std::string_view(body).substr(0, 2000))).reason(), "reset");
}

TEST(HttpClient, HearsAReplyThatCameBeforeTheBodyWasSent) {
  Pair pair([](const HttpSeen&) {
    HttpAnswer answer = http_answer(413, "too large", "Connection: close\r\n");
    answer.then = Then::close;
    return answer;
  });
  pair.server.answer_after(1000);
  const std::string body(32u << 20, 'x');
  EXPECT_EQ(pair.send(with_body(body)).status, 413u);
}

TEST(HttpClient, KeepsItsConnection) {
  Pair pair([](const HttpSeen& seen) { return http_answer(200, seen.body); });
  for (const std::string_view body : {"one", "two", "three"}) {
    EXPECT_EQ(pair.send(with_body(body)).body, body);
  }
  EXPECT_EQ(pair.server.connections(), 1u);
}

TEST(HttpClient, OpensAnotherConnectionWhenToldToClose) {
  Pair pair([](const HttpSeen&) { return http_answer(200, "", "Connection: close\r\n"); });
  pair.send(repeatable());
  pair.send(repeatable());
  EXPECT_EQ(pair.server.connections(), 2u);
}

TEST(HttpClient, NoticesThatAKeptConnectionHasEnded) {
  Pair pair([](const HttpSeen&) { return http_answer(200, "ok"); });
  pair.send(repeatable());
  pair.server.close_connections();
  Request once;
  EXPECT_EQ(pair.send(once).body, "ok");
  EXPECT_EQ(pair.server.seen().size(), 2u);
}

/// The first request of a connection is answered, the second ends it without a word.
HttpAnswer answer_first_of_connection(std::size_t& last_connection, const HttpSeen& seen) {
  if (seen.connection == last_connection) {
    return raw("", Then::close);
  }
  last_connection = seen.connection;
  return http_answer(200, "ok");
}

TEST(HttpClient, SendsOnceMoreWhereAKeptConnectionDied) {
  std::size_t last_connection = 0;
  Pair pair(
      [&](const HttpSeen& seen) { return answer_first_of_connection(last_connection, seen); });
  pair.send(repeatable());
  EXPECT_EQ(pair.send(repeatable()).body, "ok");
  EXPECT_EQ(pair.server.seen().size(), 3u);
  EXPECT_EQ(pair.server.connections(), 2u);
}

TEST(HttpClient, SendsNothingTwiceThatMayNotBe) {
  std::size_t last_connection = 0;
  Pair pair(
      [&](const HttpSeen& seen) { return answer_first_of_connection(last_connection, seen); });
  pair.send(repeatable());
  EXPECT_EQ(pair.failure(Request{}).reason(), "closed");
  EXPECT_EQ(pair.server.seen().size(), 2u);
}

TEST(HttpClient, SendsNothingTwiceOnceAReplyHasBegun) {
  bool first = true;
  Pair pair([&first](const HttpSeen&) {
    return std::exchange(first, false) ? http_answer(200, "ok") : raw("HTTP/1.1 2", Then::close);
  });
  pair.send(repeatable());
  EXPECT_EQ(pair.failure(repeatable()).reason(), "cut_off");
  EXPECT_EQ(pair.server.seen().size(), 2u);
}

TEST(HttpClient, SendsHeadAndBodyAsGiven) {
  Pair pair([](const HttpSeen&) { return http_answer(204, ""); });
  Request request = with_body("a body");
  request.target = "/films/_doc/1?routing=a%20b";
  request.headers.push_back({"Content-Type", "text/plain"});
  EXPECT_EQ(pair.send(request).status, 204u);
  const HttpSeen& seen = pair.server.seen().front();
  EXPECT_EQ(seen.method_and_target(), "POST /films/_doc/1?routing=a%20b");
  EXPECT_THAT(seen.head, HasSubstr("\r\nContent-Type: text/plain\r\n"));
  EXPECT_EQ(seen.body, "a body");
}

Task<> send_all(Client& client, TestLoop& loop, int count) {
  TaskGroup group(loop.executor());
  const auto send_one = [](Client& to) -> Task<> {
    Request request;
    co_await to.send(std::move(request));
  };
  for (int index = 0; index < count; ++index) {
    group.spawn(send_one(client));
  }
  co_await group.join();
}

TEST(HttpClient, OpensNoMoreConnectionsThanAllowed) {
  Pair pair([](const HttpSeen&) { return http_answer(200, "ok"); });
  pair.client = pair.make_client(pair.server.port(), 3);
  pair.loop.run(send_all(*pair.client, pair.loop, 20));
  EXPECT_EQ(pair.server.seen().size(), 20u);
  EXPECT_EQ(pair.server.connections(), 3u);
}

TEST(HttpClient, GivesConnectionsBackWhenRequestsFail) {
  Pair pair([](const HttpSeen&) { return raw("", Then::close); });
  pair.client = pair.make_client(pair.server.port(), 1);
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(pair.failure(repeatable()).reason(), "closed");
  }
}

TEST(HttpClient, ClosesWhatIsIdle) {
  Pair pair([](const HttpSeen&) { return http_answer(200, "ok"); });
  pair.send(repeatable());
  pair.client->close_idle();
  pair.send(repeatable());
  EXPECT_EQ(pair.server.connections(), 2u);
}

}  // namespace
}  // namespace rowferry::http
