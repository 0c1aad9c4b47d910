#include "http/reply_reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/error.hpp"

namespace rowferry::http {
namespace {

constexpr std::size_t kNoLimit = 1u << 20;
constexpr std::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "4\r\nWiki\r\n6;name=value\r\npedia \r\n0\r\nTrailer: x\r\n\r\n";

std::string failure_of(ReplyReader& reply, std::string_view bytes) {
  try {
    reply.feed(bytes);
    reply.feed_end();
    return "";
  } catch (const Error& error) {
    return error.reason();
  }
}

TEST(ReplyReader, RefusesWhatIsNoHttp) {
  for (const std::string_view bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    ReplyReader reply(Method::get, kNoLimit);
    EXPECT_EQ(failure_of(reply, bytes), "protocol") << bytes;
  }
}

TEST(ReplyReader, RefusesACutOffReply) {
  for (const std::string_view bytes :
       {std::string_view("HTTP/1.1 200 OK\r\nContent-Le"),
        std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"),
        kChunked.substr(0, kChunked.size() - 20)}) {
    ReplyReader reply(Method::get, kNoLimit);
    EXPECT_EQ(failure_of(reply, bytes), "cut_off") << bytes;
  }
}

TEST(ReplyReader, RefusesABodyBeyondTheLimit) {
  ReplyReader announced(Method::get, 8);
  EXPECT_EQ(failure_of(announced, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
            "reply_too_large");
  ReplyReader chunked(Method::get, 8);
  EXPECT_EQ(failure_of(chunked, kChunked), "reply_too_large");
  ReplyReader endless(Method::get, 8);
  EXPECT_EQ(failure_of(endless, "HTTP/1.1 200 OK\r\n\r\n123456789"), "reply_too_large");
}

TEST(ReplyReader, RefusesEndlessHeaders) {
  ReplyReader reply(Method::get, kNoLimit);
  EXPECT_EQ(failure_of(reply, "HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'a')), "protocol");
}

TEST(ReplyReader, ReadsByteByByte) {
  ReplyReader reply(Method::get, kNoLimit);
  EXPECT_FALSE(reply.started());
  for (const char& byte : kChunked) {
    EXPECT_FALSE(reply.done());
    reply.feed({&byte, 1});
    EXPECT_TRUE(reply.started());
  }
  ASSERT_TRUE(reply.done());
  EXPECT_TRUE(reply.keeps_connection());
  EXPECT_EQ(reply.take().body, "Wikipedia ");
}

TEST(ReplyReader, PassesOverInterimReplies) {
  ReplyReader reply(Method::post, kNoLimit);
  reply.feed("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  EXPECT_FALSE(reply.done());
  reply.feed("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(reply.done());
  const Response response = reply.take();
  EXPECT_EQ(response.status, 201u);
  EXPECT_EQ(response.body, "ok");
}

TEST(ReplyReader, KnowsThatHeadHasNoBody) {
  ReplyReader reply(Method::head, kNoLimit);
  reply.feed("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  ASSERT_TRUE(reply.done());
  EXPECT_TRUE(reply.keeps_connection());
  EXPECT_EQ(reply.take().header("content-length"), "1000");
}

TEST(ReplyReader, KnowsRepliesWithoutBody) {
  ReplyReader reply(Method::get, kNoLimit);
  reply.feed("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(reply.done());
}

TEST(ReplyReader, TakesTheEndAsTheEndOfABodyOfUnknownLength) {
  ReplyReader reply(Method::get, kNoLimit);
  reply.feed("HTTP/1.0 200 OK\r\n\r\nall of it");
  EXPECT_FALSE(reply.done());
  reply.feed_end();
  ASSERT_TRUE(reply.done());
  EXPECT_FALSE(reply.keeps_connection());
  EXPECT_EQ(reply.take().body, "all of it");
}

TEST(ReplyReader, KnowsWhenTheConnectionEnds) {
  ReplyReader told(Method::get, kNoLimit);
  told.feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(told.done());
  EXPECT_FALSE(told.keeps_connection());
  ReplyReader left_over(Method::get, kNoLimit);
  left_over.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nwhat is this");
  ASSERT_TRUE(left_over.done());
  EXPECT_FALSE(left_over.keeps_connection());
}

}  // namespace
}  // namespace rowferry::http
