#include "api/response_text.hpp"

#include <gmock/gmock.h>

#include "api/reply.hpp"

namespace rowferry::api {
namespace {

using testing::HasSubstr;
using testing::Not;

const WallTime kNow{std::chrono::seconds(784111777)};

TEST(ResponseHead, HasLengthDateAndConnection) {
  Framing framing;
  framing.keeps_connection = true;
  const std::string head = response_head(json_reply(200, "abc"), framing, kNow);
  EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nContent-Length: 6\r\n"));
  EXPECT_THAT(head, testing::EndsWith("\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(ResponseHead, AnnouncesChunksToWhomeverKnowsThem) {
  Response response;
  response.stream.emplace();
  Framing framing;
  EXPECT_THAT(response_head(response, framing, kNow), HasSubstr("Transfer-Encoding: chunked\r\n"));
  framing.takes_chunks = false;
  const std::string old = response_head(response, framing, kNow);
  EXPECT_THAT(old, Not(HasSubstr("Transfer-Encoding")));
  EXPECT_THAT(old, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(old, HasSubstr("Connection: close\r\n"));
}

TEST(ResponseHead, HasNoBodyWith204) {
  Response response;
  response.status = 204;
  const std::string head = response_head(response, Framing{}, kNow);
  EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\r\nContent-")));
}

TEST(Chunk, HasItsSizeInHexadecimal) {
  EXPECT_EQ(chunk(std::string(26, 'a')), "1a\r\n" + std::string(26, 'a') + "\r\n");
  EXPECT_EQ(chunk(""), "0\r\n\r\n");
}

}  // namespace
}  // namespace rowferry::api
