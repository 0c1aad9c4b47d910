#include "http/request_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace rowferry::http {
namespace {

using testing::HasSubstr;
using testing::Not;

const Endpoint kEndpoint{false, "es", 9200};

TEST(RequestHead, RefusesWhatBreaksTheFrame) {
  for (const std::string target : {"", "films", "/a b", "/a\r\nHost: evil", "/\xC3\xA9"}) {
    Request request;
    request.target = target;
    EXPECT_THROW(static_cast<void>(request_head(kEndpoint, request)), Error) << target;
  }
  for (const Header& header : {Header{"", "x"}, Header{"A b", "x"}, Header{"A:", "x"},
                               Header{"A", "x\r\nB: y"}, Header{"A\n", "x"}}) {
    Request request;
    request.headers.push_back(header);
    EXPECT_THROW(static_cast<void>(request_head(kEndpoint, request)), Error) << header.name;
  }
}

TEST(RequestHead, NamesTheServerAndUs) {
  Request request;
  request.target = "/films/_count?q=a%20b";
  request.headers.push_back({"Accept", "application/json"});
  const std::string head = request_head(kEndpoint, request);
  EXPECT_THAT(head, testing::StartsWith("GET /films/_count?q=a%20b HTTP/1.1\r\nHost: es:9200\r\n"
                                        "User-Agent: rowferry/"));
  EXPECT_THAT(head, testing::EndsWith("\r\nAccept: application/json\r\n\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
}

TEST(RequestHead, AnnouncesTheBody) {
  Request request;
  request.method = Method::remove;
  request.body = "12345";
  EXPECT_THAT(request_head(kEndpoint, request), HasSubstr("Content-Length: 5\r\n"));
  request.method = Method::put;
  request.body = "";
  EXPECT_THAT(request_head(kEndpoint, request), HasSubstr("Content-Length: 0\r\n"));
}

}  // namespace
}  // namespace rowferry::http
