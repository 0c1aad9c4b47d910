#include "api/router.hpp"

#include <gtest/gtest.h>

#include "api/reply.hpp"
#include "engine/control.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::api {
namespace {

Tokens no_tokens() { return {}; }

Tokens both_tokens() {
  Tokens tokens;
  tokens.operate = Secret("operator");
  tokens.read = Secret("reader");
  return tokens;
}

class RouterTest : public testing::Test {
 protected:
  void make(Tokens tokens) {
    Admission admission;
    admission.tokens = std::move(tokens);
    router_ = std::make_unique<Router>(std::move(admission), loop_.runtime().log);
    router_->add({"GET", "/livez", Scope::open, &RouterTest::say_path});
    router_->add({"GET", "/v1/jobs/{job}", Scope::read, &RouterTest::say_job});
    router_->add({"PUT", "/v1/jobs/{job}/pause", Scope::operate, &RouterTest::say_job});
    router_->add({"GET", "/v1/broken", Scope::read, &RouterTest::break_down});
    router_->add({"GET", "/v1/refused", Scope::read, &RouterTest::refuse});
    router_->add_not_built("POST", "/v1/later", Scope::operate);
  }

  Response ask(std::string method, std::string path, std::string authorization = {}) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.authorization = std::move(authorization);
    Verdict verdict = router_->judge(request);
    if (verdict.route == nullptr) {
      return std::move(verdict.refusal);
    }
    request.parameters = std::move(verdict.parameters);
    return loop_.run(router_->call(*verdict.route, std::move(request)));
  }

  static Task<Response> say_path(Request request) {
    Response response;
    response.body = request.path;
    co_return response;
  }
  static Task<Response> say_job(Request request) {
    Response response;
    response.body = request.parameters.at("job");
    co_return response;
  }
  static Task<Response> break_down(Request /*request*/) {
    throw std::runtime_error("SELECT secret FROM driver");
    co_return Response{};
  }
  static Task<Response> refuse(Request /*request*/) {
    throw RefusedError(Refusal::conflict, "job movies is paused");
    co_return Response{};
  }

  test::TestLoop loop_;
  std::unique_ptr<Router> router_;
};

TEST_F(RouterTest, DecodesWhatAPatternNames) {
  make(no_tokens());
  EXPECT_EQ(ask("GET", "/v1/jobs/a%20b%2Fc").body, "a b/c");
}

TEST_F(RouterTest, KnowsNoOtherPath) {
  make(no_tokens());
  for (const char* path : {"/", "/v1", "/v1/jobs/", "/v1/jobs/a/b", "/livez/"}) {
    const Response response = ask("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
}

TEST_F(RouterTest, SaysWhichMethodsAPathHas) {
  make(no_tokens());
  const Response response = ask("DELETE", "/v1/jobs/movies/pause");
  EXPECT_EQ(response.status, 405);
  bool allows = false;
  for (const auto& [name, value] : response.headers) {
    allows = allows || (name == "Allow" && value.find("PUT") != std::string::npos);
  }
  EXPECT_TRUE(allows);
}

TEST_F(RouterTest, AsksForATokenAndItsScope) {
  make(both_tokens());
  EXPECT_EQ(ask("GET", "/livez").status, 200);
  EXPECT_EQ(ask("GET", "/v1/jobs/movies").status, 401);
  EXPECT_EQ(ask("GET", "/v1/jobs/movies", "Bearer wrong").status, 401);
  EXPECT_EQ(ask("GET", "/v1/jobs/movies", "Basic reader").status, 401);
  EXPECT_EQ(ask("GET", "/v1/jobs/movies", "Bearer reader").status, 200);
  EXPECT_EQ(ask("PUT", "/v1/jobs/movies/pause", "Bearer reader").status, 403);
  EXPECT_EQ(ask("PUT", "/v1/jobs/movies/pause", "Bearer operator").status, 200);
}

TEST_F(RouterTest, TellsNobodyWhatBroke) {
  make(no_tokens());
  const Response response = ask("GET", "/v1/broken");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.body.find("SELECT"), std::string::npos);
}

TEST_F(RouterTest, TurnsRefusalsIntoConflicts) {
  make(no_tokens());
  const Response response = ask("GET", "/v1/refused");
  EXPECT_EQ(response.status, 409);
  EXPECT_NE(response.body.find("job movies is paused"), std::string::npos);
}

TEST_F(RouterTest, AnswersLaterCallsWith501) {
  make(no_tokens());
  EXPECT_EQ(ask("POST", "/v1/later").status, 501);
  EXPECT_EQ(ask("GET", "/v1/later").status, 405);
}

}  // namespace
}  // namespace rowferry::api
