#include "api/origin.hpp"

#include <gtest/gtest.h>

#include "api/reply.hpp"
#include "api/target.hpp"

namespace rowferry::api {
namespace {

OriginRules on_loopback() {
  OriginRules rules;
  rules.is_loopback = true;
  return rules;
}

bool is_foreign(const OriginRules& rules, std::string method, std::string host,
                std::optional<std::string> origin = std::nullopt) {
  Request request;
  request.method = std::move(method);
  request.host = std::move(host);
  request.origin = std::move(origin);
  return foreign_origin(rules, request).has_value();
}

TEST(Origin, KnowsAddressesAndLocalhost) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:8470", "[::1]:8470", "10.0.0.1", "localhost",
                           "LOCALHOST:1", "localhost.", ""}) {
    EXPECT_FALSE(is_foreign(on_loopback(), "GET", host)) << host;
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                           "1.2.3", "2130706433", "ferry.example"}) {
    EXPECT_TRUE(is_foreign(on_loopback(), "GET", host)) << host;
  }
}

TEST(Origin, LetsPagesOfOtherOriginsLookButNotChange) {
  const OriginRules rules = on_loopback();
  EXPECT_FALSE(is_foreign(rules, "GET", "localhost:1", "http://evil.example"));
  EXPECT_FALSE(is_foreign(rules, "HEAD", "localhost:1", "null"));
  EXPECT_FALSE(is_foreign(rules, "PUT", "localhost:1"));
  EXPECT_FALSE(is_foreign(rules, "PUT", "localhost:1", "http://LOCALHOST:1"));
  EXPECT_FALSE(is_foreign(rules, "PUT", "localhost:1", "https://localhost:1"));
  for (const char* origin : {"http://evil.example", "null", "", "http://localhost",
                             "http://localhost:2", "http://localhost:1.evil", "localhost:1"}) {
    for (const char* method : {"PUT", "POST", "DELETE", "PATCH"}) {
      EXPECT_TRUE(is_foreign(rules, method, "localhost:1", origin)) << origin;
    }
  }
}

TEST(Origin, LooksAtOriginsOnAUnixSocketToo) {
  const OriginRules rules;
  EXPECT_FALSE(is_foreign(rules, "PUT", "anything"));
  EXPECT_TRUE(is_foreign(rules, "PUT", "anything", "http://evil.example"));
}

TEST(Origin, LeavesItToTokensWhereThereAreSome) {
  OriginRules rules = on_loopback();
  rules.is_guarded = true;
  EXPECT_FALSE(is_foreign(rules, "PUT", "evil.example", "http://evil.example"));
}

TEST(Authority, IsAHostAndAPort) {
  EXPECT_EQ(parse_authority("A.Example:1").host, "a.example");
  EXPECT_FALSE(parse_authority("a.example").is_address);
  EXPECT_TRUE(parse_authority("[fe80::1]").is_address);
  EXPECT_EQ(parse_authority("a.").host, "a");
  for (const char* text : {"a b", "a:x", "a:1:2", "u@a", "[::1", "[::1]x", "[a]", "a/b", "a:123456",
                           "a\\b", "a?b", "\xff"}) {
    EXPECT_THROW(static_cast<void>(parse_authority(text)), RequestError) << text;
  }
}

}  // namespace
}  // namespace rowferry::api
