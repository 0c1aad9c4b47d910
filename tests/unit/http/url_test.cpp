#include "http/url.hpp"

#include <gtest/gtest.h>

namespace rowferry::http {
namespace {

TEST(ParseUrl, RefusesWhatIsNoBaseUrl) {
  for (const std::string_view text :
       {"", "es:9200", "localhost", "ftp://es", "http://", "http://:9200", "http://es:0",
        "http://es:99999", "http://es/?a=b", "http://es/#top", "http://e s", "//es", "http:es"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(ParseUrl, ReadsHostPortAndPath) {
  const auto url = parse_url("https://es.example:9243/logs/search/");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->endpoint.tls);
  EXPECT_EQ(url->endpoint.host, "es.example");
  EXPECT_EQ(url->endpoint.port, 9243);
  EXPECT_EQ(url->path, "/logs/search");
  EXPECT_EQ(url->text(), "https://es.example:9243/logs/search");
}

TEST(ParseUrl, KnowsThePortOfAScheme) {
  EXPECT_EQ(parse_url("http://es")->endpoint.port, 80);
  EXPECT_EQ(parse_url("HTTPS://es/")->endpoint.port, 443);
  EXPECT_EQ(parse_url("HTTPS://es/")->text(), "https://es");
}

TEST(ParseUrl, ReadsAddresses) {
  const auto url = parse_url("http://[::1]:9200");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->endpoint.host, "::1");
  EXPECT_EQ(url->endpoint.authority(), "[::1]:9200");
  EXPECT_EQ(parse_url("http://127.0.0.1")->endpoint.host, "127.0.0.1");
}

TEST(ParseUrl, DecodesUserInformation) {
  const auto url = parse_url("http://me:p%40ss@es:9200");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->user, "me");
  EXPECT_EQ(url->password, "p@ss");
  EXPECT_EQ(url->text(), "http://es:9200");
}

TEST(Endpoint, LeavesTheSchemesPortOut) {
  EXPECT_EQ((Endpoint{true, "s3.example", 443}).authority(), "s3.example");
  EXPECT_EQ((Endpoint{true, "s3.example", 80}).authority(), "s3.example:80");
  EXPECT_EQ((Endpoint{true, "s3.example", 443}).text(), "s3.example:443");
}

TEST(PercentEncode, KeepsOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/c?d&e=f+g%é"), "a%20b%2Fc%3Fd%26e%3Df%2Bg%25%C3%A9");
}

}  // namespace
}  // namespace rowferry::http
