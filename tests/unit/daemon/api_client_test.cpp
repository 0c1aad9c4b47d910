#include "daemon/client/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/support/scripted_http_server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_loop.hpp"

namespace rowferry::client {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// The error of what must fail.
template <class Function>
Error error_of(Function function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Failure::internal, ""};
}

http::Response problem(unsigned status, const std::string& detail) {
  http::Response response;
  response.status = status;
  response.body = R"({"type":"about:blank","title":"x","status":1,"detail":")" + detail + "\"}";
  return response;
}

TEST(ApiUrl, IsOfHttpOrALocalSocket) {
  EXPECT_EQ(parse_api_url("http://127.0.0.1:8470").endpoint.port, 8470);
  EXPECT_EQ(parse_api_url("https://etl.example/ferry/").path, "/ferry");
  EXPECT_EQ(parse_api_url("unix:/run/a.sock").endpoint.unix_path, "/run/a.sock");
  for (const char* text : {"", "8470", "127.0.0.1:8470", "ftp://x", "unix:", "http://"}) {
    const Error error = error_of([text] { std::ignore = parse_api_url(text); });
    EXPECT_EQ(error.failure(), Failure::config) << text;
  }
  const Error error = error_of([] { std::ignore = parse_api_url("http://me:secret@x"); });
  EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
}

TEST(Refusal, IsInTheDaemonsWords) {
  const std::string url = "http://x:1";
  const Error conflict = refusal(url, problem(409, "the job is paused"));
  EXPECT_EQ(conflict.failure(), Failure::rejected);
  EXPECT_STREQ(conflict.what(), "the job is paused");
  for (const unsigned status : {400u, 404u, 405u, 413u, 501u}) {
    EXPECT_EQ(refusal(url, problem(status, "d")).failure(), Failure::config) << status;
  }
  for (const unsigned status : {401u, 403u, 500u, 503u}) {
    EXPECT_EQ(refusal(url, problem(status, "d")).failure(), Failure::transient) << status;
  }
  EXPECT_STREQ(refusal(url, problem(401, "no token")).what(),
               "http://x:1 refuses us (no token): give its token with --token-file FILE or "
               "ROWFERRY_TOKEN_FILE");
}

TEST(Refusal, OfAnotherServerSaysSo) {
  http::Response page;
  page.status = 404;
  page.body = "<html>\nnot here</html>";
  const Error error = refusal("http://x:1", page);
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_STREQ(error.what(),
               "what answers at http://x:1 is no rowferry daemon: 404 <html> not here</html>");
}

TEST(ApiClient, SendsItsTokenAndJson) {
  test::TestLoop loop;
  test::ScriptedHttpServer server(loop.executor(), [](const test::HttpSeen&) {
    return test::http_answer(200, "{\"items\": []}\n");
  });
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "token") << " open-sesame \n";
  ApiOptions options;
  options.url = server.url() + "/ferry/";
  options.token_file = folder.path() / "token";
  ApiClient api(loop.runtime(), options);
  const ApiReply reply = loop.run(api.get("/v1/jobs"));
  EXPECT_EQ(reply.text, "{\"items\": []}\n");
  EXPECT_TRUE(reply.body.at("items").is_array());
  loop.run(api.post(job_path("a b", "/runs"), "{\"type\":\"sync\"}"));
  ASSERT_EQ(server.seen().size(), 2u);
  EXPECT_EQ(server.seen()[0].method_and_target(), "GET /ferry/v1/jobs");
  EXPECT_THAT(server.seen()[0].head, HasSubstr("Authorization: Bearer open-sesame"));
  EXPECT_THAT(server.seen()[0].head, Not(HasSubstr("Content-Type")));
  EXPECT_EQ(server.seen()[1].method_and_target(), "POST /ferry/v1/jobs/a%20b/runs");
  EXPECT_THAT(server.seen()[1].head, HasSubstr("Content-Type: application/json"));
  EXPECT_EQ(server.seen()[1].body, "{\"type\":\"sync\"}");
}

TEST(ApiClient, RefusesATokenFileThatHoldsNone) {
  test::TestLoop loop;
  const test::TemporaryFolder folder;
  std::ofstream(folder.path() / "empty") << " \n";
  ApiOptions options;
  for (const char* name : {"empty", "missing"}) {
    options.token_file = folder.path() / name;
    const Error error = error_of([&] { const ApiClient api(loop.runtime(), options); });
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_THAT(error.what(), HasSubstr(options.token_file));
  }
}

TEST(ApiClient, TakesWhatIsNoJsonForAnotherServer) {
  test::TestLoop loop;
  test::ScriptedHttpServer server(
      loop.executor(), [](const test::HttpSeen&) { return test::http_answer(200, "hello"); });
  ApiOptions options;
  options.url = server.url();
  ApiClient api(loop.runtime(), options);
  const Error error = error_of([&] { loop.run(api.get("/v1/jobs")); });
  EXPECT_EQ(error.failure(), Failure::transient);
  EXPECT_THAT(error.what(), EndsWith("is no rowferry daemon: its answer is no JSON"));
}

}  // namespace
}  // namespace rowferry::client
