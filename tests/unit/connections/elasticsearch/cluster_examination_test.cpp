#include "connections/elasticsearch/cluster_examination.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "connections/elasticsearch/elasticsearch_connection.hpp"
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
using testing::SizeIs;

constexpr const char* kServer = R"({"version":{"number":"8.8.2"}})";
constexpr const char* kHealth = R"({"cluster_name":"c","status":"yellow"})";

HttpAnswer answer_well(const HttpSeen& seen) {
  return http_answer(200, seen.method_and_target() == "GET /" ? kServer : kHealth);
}

std::vector<Finding> examine(const std::function<HttpAnswer(const HttpSeen&)>& answer,
                             const std::vector<std::string>& further_urls = {}) {
  TestLoop loop;
  ScriptedHttpServer server(loop.executor(), answer);
  elasticsearch::ConnectionSettings settings;
  settings.urls.push_back(http::parse_url(server.url()).value());
  for (const std::string& url : further_urls) {
    settings.urls.push_back(http::parse_url(url).value());
  }
  ElasticsearchConnection connection("search", std::move(settings), loop.runtime());
  return loop.run(connection.examine());
}

TEST(ClusterExamination, SaysWhoAnswers) {
  const auto findings = examine(answer_well);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].text, "Elasticsearch 8.8.2 answers");
  EXPECT_EQ(findings[1].text, "cluster c: health yellow");
}

TEST(ClusterExamination, WarnsOfARedCluster) {
  const auto finding = elasticsearch::judge_health(R"({"cluster_name":"c","status":"red"})");
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->severity, Severity::warning);
  EXPECT_FALSE(elasticsearch::judge_health("<html>"));
  EXPECT_FALSE(elasticsearch::judge_health("{}"));
}

TEST(ClusterExamination, SaysWhatToDoAboutARefusal) {
  const auto findings = examine([](const HttpSeen&) {
    return http_answer(401, R"({"error":{"type":"security_exception","reason":"no"}})");
  });
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::refused);
  EXPECT_THAT(findings[0].remedy, HasSubstr("username and password"));
}

TEST(ClusterExamination, AnOldServerIsWrong) {
  const auto findings = examine(
      [](const HttpSeen&) { return http_answer(200, R"({"version":{"number":"6.8.1"}})"); });
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].severity, Severity::wrong);
  EXPECT_EQ(findings[0].remedy, "upgrade the server");
}

TEST(ClusterExamination, FindsTheOneServerThatIsDown) {
  const auto findings = examine(answer_well, {"http://127.0.0.1:1"});
  ASSERT_THAT(findings, SizeIs(3));
  EXPECT_EQ(findings[2].severity, Severity::warning);
  EXPECT_THAT(findings[2].text, HasSubstr("127.0.0.1:1"));
}

TEST(ClusterExamination, AHiddenHealthIsNoFault) {
  const auto findings = examine([](const HttpSeen& seen) {
    return seen.method_and_target() == "GET /" ? answer_well(seen) : http_answer(403, "{}");
  });
  EXPECT_THAT(findings, SizeIs(1));
}

}  // namespace
}  // namespace rowferry
