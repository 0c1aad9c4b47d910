#include "api/routes/routes.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <boost/json/parse.hpp>

#include "api/embedded.hpp"
#include "api/reply.hpp"
#include "base/sha256.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/unit/api/fake_control.hpp"

namespace rowferry::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RoutesTest : public testing::Test {
 protected:
  RoutesTest() : router_(Admission{}, loop_.runtime().log) {
    add_health_routes(router_, control_, Version{"1", "2"});
    add_job_routes(router_, control_);
    add_run_routes(router_, control_);
    add_dead_letter_routes(router_, control_);
    add_page_route(router_);
    control_.all_jobs = {test::waiting_job("a")};
  }

  Response ask(std::string method, std::string path, std::string body = {},
               std::map<std::string, std::string> query = {}) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.content_type = "application/json";
    request.body = std::move(body);
    Verdict verdict = router_.judge(request);
    if (verdict.route == nullptr) {
      return std::move(verdict.refusal);
    }
    request.parameters = std::move(verdict.parameters);
    return loop_.run(router_.call(*verdict.route, std::move(request)));
  }

  test::TestLoop loop_;
  test::FakeControl control_;
  Router router_;
};

TEST_F(RoutesTest, StartRunsOfEachType) {
  EXPECT_EQ(ask("POST", "/v1/jobs/a/runs").status, 202);
  EXPECT_EQ(ask("POST", "/v1/jobs/a/runs", "{}").status, 202);
  EXPECT_EQ(ask("POST", "/v1/jobs/a/runs", R"({"type":null,"from":null})").status, 202);
  EXPECT_EQ(ask("POST", "/v1/jobs/a/runs",
                R"({"type":"backfill","from":"2024-02-29","to":"2024-03-01T12:00:00.5+02:00"})")
                .status,
            202);
  EXPECT_THAT(control_.asked, ElementsAre("a sync  ", "a sync  ", "a sync  ",
                                          "a backfill 2024-02-29 2024-03-01T12:00:00.5+02:00"));
}

TEST_F(RoutesTest, RefuseWrongBodies) {
  for (const char* body :
       {"{", "[]", "1", R"({"type":""})", R"({"type":"odd"})", R"({"type":1})", R"({"more":1})",
        R"({"from":""})", R"({"from":"2023-02-29"})", R"({"to":"today"})", "{\"from\":\"\xff\"}"}) {
    EXPECT_EQ(ask("POST", "/v1/jobs/a/runs", body).status, 400) << body;
  }
  EXPECT_TRUE(control_.asked.empty());
}

TEST_F(RoutesTest, HoldQueriesToTheirOperation) {
  using Query = std::map<std::string, std::string>;
  const std::vector<Query> wrong = {{{"limit", "0"}},       {{"limit", "1001"}}, {{"limit", "1.5"}},
                                    {{"limit", ""}},        {{"before", ""}},    {{"before", "x"}},
                                    {{"state", "waiting"}}, {{"colour", "red"}}};
  for (const Query& query : wrong) {
    const Response response = ask("GET", "/v1/runs", "", query);
    EXPECT_EQ(response.status, 400) << query.begin()->first;
    EXPECT_THAT(response.body, HasSubstr("parameter"));
  }
  EXPECT_EQ(ask("GET", "/v1/runs", "", {{"limit", "1"}, {"state", "failed"}}).status, 200);
  EXPECT_EQ(ask("GET", "/v1/jobs", "", {{"limit", "1"}}).status, 400);
  EXPECT_EQ(ask("GET", "/livez", "", {{"from", "a monitor"}}).status, 200);
}

TEST_F(RoutesTest, PageTheHistory) {
  for (std::int64_t id = 1; id <= 3; ++id) {
    control_.all_runs.push_back(test::run_of(id, "a", RunState::succeeded));
  }
  const auto page = boost::json::parse(ask("GET", "/v1/runs", "", {{"limit", "2"}}).body);
  EXPECT_EQ(page.at("items").as_array().size(), 2u);
  EXPECT_EQ(page.at("next"), 2);
  const auto rest = boost::json::parse(ask("GET", "/v1/runs", "", {{"before", "2"}}).body);
  EXPECT_EQ(rest.at("items").as_array().size(), 1u);
  EXPECT_TRUE(rest.at("next").is_null());
  EXPECT_EQ(ask("GET", "/v1/runs/4").status, 404);
  EXPECT_EQ(ask("GET", "/v1/runs/0").status, 400);
  EXPECT_EQ(ask("GET", "/v1/runs/99999999999999999999").status, 400);
}

TEST_F(RoutesTest, PassCheckpointsOnAsTheyAre) {
  EXPECT_EQ(ask("GET", "/v1/jobs/a/checkpoint").body, "{\"xmin\":\"7\"}");
  EXPECT_EQ(ask("GET", "/v1/jobs/b/checkpoint").status, 404);
  const std::string text = R"({"number": 123456789012345678901234567890})";
  const Response put = ask("PUT", "/v1/jobs/a/checkpoint", text);
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.body, text);
  EXPECT_EQ(ask("DELETE", "/v1/jobs/a/checkpoint").status, 204);
  EXPECT_EQ(ask("PUT", "/v1/jobs/a/checkpoint").status, 400);
  EXPECT_THAT(control_.asked, ElementsAre("a checkpoint " + text, "a no checkpoint"));
}

TEST_F(RoutesTest, ReplayAndDropDeadLetters) {
  const Response replay = ask("POST", "/v1/jobs/a/dead-letters/replay", "", {{"reason", "x y"}});
  EXPECT_EQ(replay.status, 202);
  EXPECT_THAT(replay.headers, testing::Contains(testing::Pair("Location", "/v1/runs/7")));
  EXPECT_EQ(ask("POST", "/v1/jobs/a/dead-letters/replay", "", {{"limit", "1"}}).status, 400);
  EXPECT_EQ(ask("DELETE", "/v1/jobs/a/dead-letters").body, "{\"dropped\":3}\n");
  EXPECT_THAT(control_.asked, ElementsAre("a replay x y", "a drop "));
}

TEST_F(RoutesTest, SayWhatIsNotReady) {
  control_.state.failed_jobs = {{"a", "dead letters full"}};
  Response response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr(R"("failed_jobs":[{"name":"a","reason":"dead letters f)"));
  control_.state.connections = {{"shop", "refused"}};
  response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr(R"("connections":[{"name":"shop","reason":"refused"}])"));
}

TEST_F(RoutesTest, ShowAPageThatNothingCanBePutInto) {
  const Response response = ask("GET", "/");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr(std::string(kPageJs)));
  EXPECT_THAT(response.body, HasSubstr(std::string(kPageCss)));
  Sha256 hash;
  hash.update(kPageJs);
  const auto digest = hash.finish();
  std::array<unsigned char, 45> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), 32);
  std::string policy;
  for (const auto& [name, value] : response.headers) {
    policy += name == "Content-Security-Policy" ? value : "";
  }
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr(std::string("script-src 'sha256-") +
                                reinterpret_cast<const char*>(base64.data()) + "'"));
  EXPECT_EQ(response.body.find("http://"), std::string::npos);
  EXPECT_EQ(response.body.find("https://"), std::string::npos);
}

TEST(IsDate, KnowsTheCalendar) {
  for (const char* text : {"2024-01-31", "2024-02-29", "0001-01-01", "2024-01-31T00:00:00Z",
                           "2024-01-31t23:59:60z", "2024-01-31T00:00:00.123456+05:30"}) {
    EXPECT_TRUE(is_date(text)) << text;
  }
  for (const char* text :
       {"", "2024", "2024-1-1", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00",
        "2024-01-31 ", "2024-01-31T", "2024-01-31T24:00:00Z", "2024-01-31T00:00:00",
        "2024-01-31T00:00:00.Z", "2024-01-31T00:00:00+24:00", "2024-01-31T00:00Z", "yesterday"}) {
    EXPECT_FALSE(is_date(text)) << text;
  }
}

}  // namespace
}  // namespace rowferry::api
