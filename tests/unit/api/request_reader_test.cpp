#include "api/request_reader.hpp"

#include <gtest/gtest.h>

#include "api/reply.hpp"

namespace rowferry::api {
namespace {

class RequestReaderTest : public testing::Test {
 protected:
  Request read(std::string_view text) {
    RequestReader reader(limits_);
    reader.feed(text);
    reader.go_on();
    EXPECT_TRUE(reader.is_done()) << text;
    return reader.take();
  }

  /// `STATUS detail` of the refusal; empty: there is none.
  std::string refusal(std::string_view text) {
    RequestReader reader(limits_);
    try {
      reader.feed(text);
      reader.go_on();
    } catch (const RequestError& error) {
      return std::to_string(error.status()) + " " + error.what();
    }
    return "";
  }

  Limits limits_;
};

TEST_F(RequestReaderTest, TakesARequestApart) {
  const Request request = read(
      "PUT /v1/jobs/a%2Fb/pause?x=1%202&y HTTP/1.1\r\nHost: Localhost:8470\r\n"
      "Content-Type: Application/JSON; charset=utf-8\r\nAuthorization: Bearer t\r\n"
      "Origin: http://a\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/v1/jobs/a%2Fb/pause");
  EXPECT_EQ(request.query, (std::map<std::string, std::string>{{"x", "1 2"}, {"y", ""}}));
  EXPECT_EQ(request.host, "Localhost:8470");
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.authorization, "Bearer t");
  EXPECT_EQ(request.origin, "http://a");
  EXPECT_EQ(request.body, "{}");
}

TEST_F(RequestReaderTest, ReadsByteByByteWhatComesInPieces) {
  const std::string text =
      "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n";
  RequestReader reader(limits_);
  for (const char byte : text) {
    reader.feed({&byte, 1});
    if (reader.is_head_done()) {
      reader.go_on();
    }
  }
  ASSERT_TRUE(reader.is_done());
  EXPECT_EQ(reader.take().body, "abcde");
}

TEST_F(RequestReaderTest, StopsBehindTheHeadersUntilToldToGoOn) {
  RequestReader reader(limits_);
  reader.feed("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_TRUE(reader.is_head_done());
  EXPECT_FALSE(reader.is_done());
  EXPECT_EQ(reader.body_bytes_expected(), 2u);
  reader.go_on();
  EXPECT_TRUE(reader.is_done());
}

TEST_F(RequestReaderTest, KeepsWhatComesBehindARequest) {
  RequestReader reader(limits_);
  reader.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE");
  EXPECT_EQ(reader.take().path, "/a");
  EXPECT_TRUE(reader.is_begun());
  reader.feed({});
  EXPECT_EQ(reader.take().path, "/b");
  EXPECT_TRUE(reader.is_begun());
  EXPECT_FALSE(reader.is_head_done());
}

TEST_F(RequestReaderTest, KnowsWhoWaitsForAContinue) {
  RequestReader reader(limits_);
  reader.feed("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(reader.expects_continue());
  RequestReader impatient(limits_);
  impatient.feed(
      "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{");
  EXPECT_FALSE(impatient.expects_continue());
}

TEST_F(RequestReaderTest, SaysTheLimitThatWasPassed) {
  limits_.header_bytes_max = 2048;
  limits_.body_bytes_max = 1000;
  EXPECT_EQ(refusal("GET /" + std::string(3000, 'x')),
            "431 request line and headers are over 2 KiB");
  EXPECT_EQ(refusal("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"),
            "413 the body is over 1000 bytes");
  EXPECT_EQ(refusal("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                    std::string(1001, 'x')),
            "413 the body is over 1000 bytes");
  EXPECT_EQ(refusal("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=" +
                    std::string(5000, 'x'))
                .substr(0, 3),
            "431");
}

TEST_F(RequestReaderTest, RefusesWhatRfc9112Refuses) {
  const std::pair<const char*, const char*> table[] = {
      {"GET /a HTTP/1.1\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", "400"},
      {"GET /a HTTP/3.0\r\nHost: a\r\n\r\n", "505"},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /?a=1&a=2 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /?a=%ff HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", "417"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       "501"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n", "501"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", "501"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400"},
      {"GET /a HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", "400"}};
  for (const auto& [text, status] : table) {
    EXPECT_EQ(refusal(text).substr(0, 3), status) << text;
  }
}

TEST_F(RequestReaderTest, TakesTheHostOfAWholeUrl) {
  const Request request = read("GET http://localhost:1/a?b=c HTTP/1.1\r\nHost: evil\r\n\r\n");
  EXPECT_EQ(request.host, "localhost:1");
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query.at("b"), "c");
  EXPECT_EQ(read("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").path, "/");
}

TEST_F(RequestReaderTest, KeepsConnectionsAsTheVersionSays) {
  const std::pair<const char*, bool> table[] = {
      {"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET /a HTTP/1.0\r\n\r\n", false},
      {"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true}};
  for (const auto& [text, keeps] : table) {
    RequestReader reader(limits_);
    reader.feed(text);
    EXPECT_EQ(reader.keeps_connection(), keeps) << text;
  }
}

}  // namespace
}  // namespace rowferry::api
