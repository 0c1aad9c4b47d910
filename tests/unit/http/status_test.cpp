#include "http/status.hpp"

#include <gtest/gtest.h>

namespace rowferry::http {
namespace {

using std::chrono::milliseconds;

Response with_retry_after(std::string value) {
  Response response;
  response.headers.push_back({"retry-after", std::move(value)});
  return response;
}

// 2015-10-21T07:28:00Z
constexpr WallTime kNow{std::chrono::seconds(1'445'412'480)};

TEST(FailureOf, SaysWhatTheSenderCanDo) {
  EXPECT_EQ(failure_of(413), Failure::too_large);
  for (const unsigned status : {400u, 409u, 422u, 431u}) {
    EXPECT_EQ(failure_of(status), Failure::rejected) << status;
  }
  for (const unsigned status :
       {101u, 301u, 401u, 403u, 404u, 405u, 408u, 415u, 425u, 429u, 500u, 502u, 503u, 504u, 599u}) {
    EXPECT_EQ(failure_of(status), Failure::transient) << status;
  }
}

TEST(ReasonOf, NamesRefusalsOfOurselves) {
  EXPECT_EQ(reason_of(401), "auth");
  EXPECT_EQ(reason_of(403), "auth");
  EXPECT_EQ(reason_of(503), "http_503");
}

TEST(RetryAfter, IsNothingWhereThereIsNone) {
  EXPECT_FALSE(retry_after(Response{}, kNow));
  for (const std::string value : {"soon", "-1", "1.5", "7 days", "Wed, 99 Oct 2015 07:28:00 GMT"}) {
    EXPECT_FALSE(retry_after(with_retry_after(value), kNow)) << value;
  }
}

TEST(RetryAfter, ReadsSeconds) {
  EXPECT_EQ(retry_after(with_retry_after("7"), kNow), milliseconds(7000));
  EXPECT_EQ(retry_after(with_retry_after("0"), kNow), milliseconds(0));
}

TEST(RetryAfter, IsAnHourAtMost) {
  EXPECT_EQ(retry_after(with_retry_after("4000000"), kNow), milliseconds(3'600'000));
  EXPECT_EQ(retry_after(with_retry_after("99999999999999999999"), kNow), milliseconds(3'600'000));
}

TEST(RetryAfter, ReadsDates) {
  EXPECT_EQ(retry_after(with_retry_after("Wed, 21 Oct 2015 07:28:30 GMT"), kNow),
            milliseconds(30'000));
  EXPECT_EQ(retry_after(with_retry_after("Wed, 21 Oct 2015 07:27:30 GMT"), kNow), milliseconds(0));
}

TEST(Response, FindsHeadersWhateverTheirCase) {
  const Response response = with_retry_after("7");
  EXPECT_EQ(response.header("Retry-After"), "7");
  EXPECT_EQ(response.header("Location"), "");
}

}  // namespace
}  // namespace rowferry::http
