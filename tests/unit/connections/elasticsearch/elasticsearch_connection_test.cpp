#include "connections/elasticsearch/elasticsearch_connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/error.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry {
namespace {

using test::http_answer;
using test::HttpAnswer;
using test::HttpSeen;
using test::ScriptedHttpServer;
using test::TestLoop;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kOpenSearch =
    R"({"name":"n","version":{"distribution":"opensearch","number":"2.19.1"}})";

/// A connection to servers on the loopback.
std::unique_ptr<ElasticsearchConnection> connect(TestLoop& loop,
                                                 const std::vector<std::string>& urls) {
  elasticsearch::ConnectionSettings settings;
  for (const std::string& url : urls) {
    settings.urls.push_back(http::parse_url(url).value());
  }
  settings.username = "me";
  settings.password = Secret("secret");
  return std::make_unique<ElasticsearchConnection>("search", std::move(settings), loop.runtime());
}

http::Request get(std::string target) {
  http::Request request;
  request.target = std::move(target);
  request.repeatable = http::Repeatable::yes;
  return request;
}

Error probe_failure(HttpAnswer answer) {
  TestLoop loop;
  ScriptedHttpServer server(loop.executor(), [&](const HttpSeen&) { return answer; });
  const auto connection = connect(loop, {server.url()});
  try {
    loop.run(connection->probe());
  } catch (const Error& error) {
    return error;
  }
  return {Failure::internal, "it did not fail"};
}

TEST(ElasticsearchConnection, SaysThatTheServerRefusesUs) {
  const Error error = probe_failure(http_answer(
      401,
      R"({"error":{"type":"security_exception","reason":"unable to authenticate user [me]"}})"));
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "auth");
  EXPECT_THAT(error.what(), HasSubstr("refuses us (401): security_exception: unable to"));
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
}

TEST(ElasticsearchConnection, RefusesOtherServers) {
  const Error error = probe_failure(http_answer(200, "<html>It works!</html>"));
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_THAT(error.what(), HasSubstr("neither Elasticsearch nor OpenSearch"));
}

TEST(ElasticsearchConnection, RefusesOldServers) {
  const Error error = probe_failure(http_answer(200, R"({"version":{"number":"6.8.23"}})"));
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_THAT(error.what(), HasSubstr("6.8.23 is too old"));
}

TEST(ElasticsearchConnection, NamesEveryServerThatFailed) {
  TestLoop loop;
  const auto connection = connect(loop, {"http://127.0.0.1:1", "http://127.0.0.1:2"});
  try {
    loop.run(connection->request(get("/")));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::transient);
    EXPECT_EQ(error.reason(), "refused");
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:1"));
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:2"));
  }
}

TEST(ElasticsearchConnection, TakesARefusalToSeeTheVersionAsASignOfLife) {
  TestLoop loop;
  ScriptedHttpServer server(loop.executor(), [](const HttpSeen&) {
    return http_answer(403, R"({"error":{"type":"security_exception","reason":)"
                            R"("action [cluster:monitor/main] is unauthorized for user [me]"}})");
  });
  const auto connection = connect(loop, {server.url()});
  loop.run(connection->probe());
  EXPECT_EQ(connection->server()->version, "");
}

TEST(ElasticsearchConnection, LearnsProductAndVersion) {
  TestLoop loop;
  ScriptedHttpServer server(
      loop.executor(), [](const HttpSeen&) { return http_answer(200, std::string(kOpenSearch)); });
  const auto connection = connect(loop, {server.url()});
  loop.run(connection->probe());
  EXPECT_EQ(connection->server()->product, ElasticsearchConnection::Product::opensearch);
  EXPECT_EQ(connection->server()->version, "2.19.1");
}

TEST(ElasticsearchConnection, LogsInAndKeepsThePathOfItsUrl) {
  TestLoop loop;
  ScriptedHttpServer server(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  const auto connection = connect(loop, {server.url() + "/search/"});
  loop.run(connection->request(get("/films/_count?q=a")));
  const HttpSeen& seen = server.seen().front();
  EXPECT_EQ(seen.method_and_target(), "GET /search/films/_count?q=a");
  EXPECT_THAT(seen.head, HasSubstr("\r\nAuthorization: Basic bWU6c2VjcmV0"));
}

TEST(ElasticsearchConnection, AsksItsServersInTurn) {
  TestLoop loop;
  ScriptedHttpServer first(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  ScriptedHttpServer second(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  const auto connection = connect(loop, {first.url(), second.url()});
  for (int count = 0; count < 4; ++count) {
    loop.run(connection->request(get("/")));
  }
  EXPECT_EQ(first.seen().size(), 2u);
  EXPECT_EQ(second.seen().size(), 2u);
}

TEST(ElasticsearchConnection, GoesOnToTheNextServerAndLetsAFailingOneRest) {
  TestLoop loop;
  ScriptedHttpServer failing(loop.executor(), [](const HttpSeen&) {
    return HttpAnswer{"", HttpAnswer::Then::close};
  });
  ScriptedHttpServer working(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  const auto connection = connect(loop, {failing.url(), working.url()});
  for (int count = 0; count < 5; ++count) {
    EXPECT_EQ(loop.run(connection->request(get("/"))).status, 200u);
  }
  EXPECT_EQ(failing.seen().size(), 1u);
  loop.clock().advance(std::chrono::seconds(2));
  loop.run(connection->request(get("/")));
  loop.run(connection->request(get("/")));
  EXPECT_EQ(failing.seen().size(), 2u);
}

TEST(ElasticsearchConnection, LetsAServerRestThatAnswersForABrokenOne) {
  TestLoop loop;
  ScriptedHttpServer gateway(loop.executor(),
                             [](const HttpSeen&) { return http_answer(503, "down"); });
  ScriptedHttpServer working(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  const auto connection = connect(loop, {gateway.url(), working.url()});
  EXPECT_EQ(loop.run(connection->request(get("/"))).status, 503u);
  for (int count = 0; count < 3; ++count) {
    EXPECT_EQ(loop.run(connection->request(get("/"))).status, 200u);
  }
}

TEST(ElasticsearchConnection, RepeatsNothingElsewhereThatMayNotBe) {
  TestLoop loop;
  ScriptedHttpServer failing(loop.executor(), [](const HttpSeen&) {
    return HttpAnswer{"", HttpAnswer::Then::close};
  });
  ScriptedHttpServer working(loop.executor(), [](const HttpSeen&) { return http_answer(200, ""); });
  const auto connection = connect(loop, {failing.url(), working.url()});
  http::Request once;
  EXPECT_THROW(loop.run(connection->request(once)), Error);
  EXPECT_TRUE(working.seen().empty());
}

}  // namespace
}  // namespace rowferry
