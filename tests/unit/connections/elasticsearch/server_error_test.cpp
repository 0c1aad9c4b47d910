#include "connections/elasticsearch/server_error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rowferry::elasticsearch {
namespace {

using testing::HasSubstr;

Error refusal_of(unsigned status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return refusal("creating index films", response, WallTime{});
}

std::string error_body(std::string_view type, std::string_view reason) {
  return R"({"error":{"root_cause":[],"type":")" + std::string(type) + R"(","reason":")" +
         std::string(reason) + R"("},"status":0})";
}

TEST(Refusal, CallsForeignRepliesTransient) {
  for (const unsigned status : {200u, 302u, 400u, 404u, 405u, 422u, 502u}) {
    const Error error = refusal_of(status, "<html>\n<h1>Welcome to nginx!</h1>");
    EXPECT_EQ(error.failure(), Failure::transient) << status;
    EXPECT_THAT(error.what(), HasSubstr("<html> <h1>Welcome to nginx!</h1>"));
  }
  EXPECT_EQ(refusal_of(502, "").failure(), Failure::transient);
  EXPECT_EQ(refusal_of(400, "{}").failure(), Failure::transient);
  EXPECT_EQ(refusal_of(400, R"({"error":[1]})").failure(), Failure::transient);
}

TEST(Refusal, SaysThatTheServerRefusesUs) {
  const Error error =
      refusal_of(401, error_body("security_exception", "unable to authenticate user [me]"));
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_EQ(error.reason(), "auth");
  EXPECT_STREQ(error.what(),
               "creating index films: the server refuses us (401): "
               "security_exception: unable to authenticate user [me]");
  EXPECT_EQ(refusal_of(403, "no").reason(), "auth");
}

TEST(Refusal, KnowsWhatIsBeyondTheRows) {
  EXPECT_EQ(refusal_of(404, error_body("index_not_found_exception", "no")).reason(),
            "index_missing");
  const Error block = refusal_of(403, error_body("cluster_block_exception", "read-only"));
  EXPECT_EQ(block.failure(), Failure::transient);
  EXPECT_EQ(block.reason(), "cluster_block");
  EXPECT_EQ(refusal_of(400, error_body("index_closed_exception", "closed")).failure(),
            Failure::transient);
}

TEST(Refusal, AsksForLessWhereItIsTooLarge) {
  EXPECT_EQ(refusal_of(413, "").failure(), Failure::too_large);
  const std::string_view breaker =
      R"({"error":{"type":"circuit_breaking_exception","reason":"Data too large",)"
      R"("durability":"PERMANENT"},"status":429})";
  EXPECT_EQ(refusal_of(429, std::string(breaker)).failure(), Failure::too_large);
  EXPECT_EQ(refusal_of(429, error_body("circuit_breaking_exception", "busy")).failure(),
            Failure::transient);
}

TEST(Refusal, IsForGoodWhereTheServerSaysWhy) {
  const Error error = refusal_of(400, error_body("illegal_argument_exception", "malformed"));
  EXPECT_EQ(error.failure(), Failure::rejected);
  EXPECT_EQ(error.reason(), "http_400");
}

TEST(Refusal, KeepsTheWaitThatWasAskedFor) {
  http::Response response;
  response.status = 503;
  response.headers.push_back({"Retry-After", "3"});
  const Error error = refusal("writing", response, WallTime{});
  EXPECT_EQ(error.retry_after(), std::chrono::milliseconds(3000));
  EXPECT_EQ(error.reason(), "http_503");
}

TEST(ReadError, FollowsCausesButNotForEver) {
  std::string body = R"({"type":"leaf","reason":"r"})";
  for (int depth = 0; depth < 10; ++depth) {
    body = R"({"type":"t)" + std::to_string(depth) + R"(","reason":"r","caused_by":)" + body + "}";
  }
  const ServerError error = read_error_body(R"({"error":)" + body + "}");
  EXPECT_EQ(error.type, "t9");
  EXPECT_EQ(error.text, "t9: r, caused by t8: r, caused by t7: r, caused by t6: r");
}

TEST(ReadError, CutsLongTextsBetweenCharacters) {
  const std::string reason(599, 'a');
  const ServerError error = read_error_body(error_body("t", reason + "ééé"));
  EXPECT_EQ(error.text, "t: " + reason + "...");
}

TEST(ReadError, TakesTextsToo) {
  EXPECT_EQ(read_error_body(R"({"error":"alias [x] missing","status":404})").text,
            "alias [x] missing");
}

}  // namespace
}  // namespace rowferry::elasticsearch
