// The HTTP client before a real server, over networks that fail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "http/client.hpp"
#include "tests/support/search_index.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/toxic_proxy.hpp"

namespace rowferry::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

class HttpNetwork : public testing::Test {
 protected:
  HttpNetwork() {
    ClientSettings settings;
    settings.endpoint = {false, "127.0.0.1", proxy_.port()};
    client_ = std::make_unique<Client>(loop_.executor(), loop_.runtime().workers, settings);
  }

  static Request get(std::string target) {
    Request request;
    request.target = std::move(target);
    request.timeout = milliseconds(5000);
    request.repeatable = Repeatable::yes;
    return request;
  }

  Response send(const Request& request) { return loop_.run(client_->send(request)); }

  std::string reason_of(const Request& request) {
    try {
      send(request);
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.failure(), Failure::transient) << error.what();
      EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + std::to_string(proxy_.port())));
      return error.reason();
    }
  }

  test::TestLoop loop_;
  test::SearchIndex index_{loop_, "ROWFERRY_TEST_ELASTICSEARCH"};
  test::ToxicProxy proxy_{loop_, index_.address()};
  std::unique_ptr<Client> client_;
};

TEST_F(HttpNetwork, IsRefusedByAServerThatIsDown) {
  EXPECT_EQ(send(get("/")).status, 200u);
  proxy_.enable(false);
  EXPECT_EQ(reason_of(get("/")), "refused");
  proxy_.enable(true);
  EXPECT_EQ(send(get("/")).status, 200u);
}

TEST_F(HttpNetwork, DoesNotWaitForAServerThatIsSilent) {
  proxy_.add("timeout", "downstream", R"({"timeout":0})");
  Request request = get("/");
  request.timeout = milliseconds(300);
  const auto begun = steady_clock::now();
  EXPECT_EQ(reason_of(request), "timeout");
  EXPECT_LT(steady_clock::now() - begun, milliseconds(3000));
}

TEST_F(HttpNetwork, SaysThatTheReplyWasCutOff) {
  proxy_.add("limit_data", "downstream", R"({"bytes":100})");
  EXPECT_EQ(reason_of(get("/")), "cut_off");
}

TEST_F(HttpNetwork, SaysThatTheConnectionWasReset) {
  proxy_.add("reset_peer", "upstream", R"({"timeout":0})");
  EXPECT_EQ(reason_of(get("/")), "reset");
}

TEST_F(HttpNetwork, SaysThatALargeBodyWasCutShort) {
  proxy_.add("reset_peer", "upstream", R"({"timeout":50})");
  const std::string body(32u << 20, ' ');
  Request request = get("/_bulk");
  request.method = Method::post;
  request.body = body;
  EXPECT_EQ(reason_of(request), "closed_while_sending");
}

TEST_F(HttpNetwork, ReadsARealServersReplyInCrumbs) {
  const std::string whole = send(get("/_nodes/stats")).body;
  EXPECT_GT(whole.size(), 2000u);
  proxy_.add("slicer", "downstream", R"({"average_size":7,"size_variation":3,"delay":0})");
  EXPECT_EQ(send(get("/_nodes/stats")).body.substr(0, 20), whole.substr(0, 20));
}

TEST_F(HttpNetwork, WaitsForALateReply) {
  proxy_.add("latency", "downstream", R"({"latency":200})");
  const auto begun = steady_clock::now();
  EXPECT_EQ(send(get("/")).status, 200u);
  EXPECT_GE(steady_clock::now() - begun, milliseconds(200));
}

TEST_F(HttpNetwork, GoesOnOverAKeptConnectionThatDied) {
  EXPECT_EQ(send(get("/")).status, 200u);
  proxy_.enable(false);
  proxy_.enable(true);
  Request once = get("/");
  once.repeatable = Repeatable::no;
  EXPECT_EQ(send(once).status, 200u);
}

TEST_F(HttpNetwork, KnowsThatHeadHasNoBody) {
  Request request = get("/");
  request.method = Method::head;
  EXPECT_EQ(send(request).status, 200u);
  EXPECT_EQ(send(get("/")).status, 200u);
}

TEST_F(HttpNetwork, HearsThatABodyIsTooLarge) {
  const std::string body(101u << 20, ' ');
  Request request = get("/_bulk");
  request.method = Method::post;
  request.headers.push_back({"Content-Type", "application/x-ndjson"});
  request.body = body;
  request.timeout = milliseconds(30'000);
  std::string outcome;
  try {
    outcome = std::to_string(send(request).status);
  } catch (const Error& error) {
    outcome = error.reason();
  }
  EXPECT_THAT(outcome, testing::AnyOf("413", "closed_while_sending"));
}

}  // namespace
}  // namespace rowferry::http
