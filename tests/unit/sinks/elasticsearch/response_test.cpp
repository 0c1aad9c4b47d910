#include "sinks/elasticsearch/response.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "base/error.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::elasticsearch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Rows 0 and 1 are documents, row 2 is a removal.
Batch three_rows() {
  return test::make_batch(test::test_schema(), {{1, "a"}, {2, "b"}, test::removal(3)}, 7);
}

std::vector<RowIssue> sort_out(std::string_view body) {
  const Batch batch = three_rows();
  const std::vector<std::size_t> rows = {0, 1, 2};
  return sort_out_reply(body, batch, rows);
}

/// The metric label of the error that a reply makes; empty when it makes none.
std::string reason_of(std::string_view body) {
  try {
    sort_out(body);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::transient) << error.what();
    return error.reason();
  }
}

std::string reply(std::string_view first, std::string_view second, std::string_view third) {
  return fmt::format(R"({{"errors":true,"items":[{},{},{}]}})", first, second, third);
}

std::string failed(unsigned status, std::string_view type, std::string_view reason = "why") {
  return fmt::format(R"({{"index":{{"status":{},"error":{{"type":"{}","reason":"{}"}}}}}})", status,
                     type, reason);
}

constexpr std::string_view kIndexed = R"({"index":{"status":200}})";
constexpr std::string_view kDeleted = R"({"delete":{"status":200}})";

TEST(SortOutReply, AssumesNothingOfALyingReply) {
  const std::string good = reply(kIndexed, kIndexed, kDeleted);
  for (const std::string& body : {
           std::string(),
           std::string("null"),
           std::string("[]"),
           std::string("{}"),
           std::string(R"({"errors":false})"),
           std::string(R"({"errors":false,"items":{}})"),
           std::string(R"({"errors":false,"items":[]})"),
           std::string("<html>welcome</html>"),
           good.substr(0, good.size() - 1),
           good.substr(0, good.size() - 30),
           good + "}",
           std::string(R"({"items":[{"index":{"status":200}},{"index":{"status":200}}]})"),
           reply(kIndexed, kIndexed, kIndexed),
           reply(kDeleted, kIndexed, kDeleted),
           reply("{}", kIndexed, kDeleted),
           reply("1", kIndexed, kDeleted),
           reply(R"({"index":1})", kIndexed, kDeleted),
           reply(R"({"index":{}})", kIndexed, kDeleted),
           reply(R"({"index":{"status":"200"}})", kIndexed, kDeleted),
           reply(R"({"index":{"status":0}})", kIndexed, kDeleted),
           reply(R"({"index":{"status":200},"delete":{"status":200}})", kIndexed, kDeleted),
       }) {
    EXPECT_EQ(reason_of(body), "protocol") << body;
  }
}

TEST(SortOutReply, BelievesItemsNotTheFlag) {
  const std::string body = R"({"errors":false,"items":[)" +
                           failed(400, "mapper_parsing_exception") + "," + std::string(kIndexed) +
                           "," + std::string(kDeleted) + "]}";
  ASSERT_EQ(sort_out(body).size(), 1u);
  EXPECT_THAT(sort_out(reply(kIndexed, kIndexed, kDeleted)), IsEmpty());
}

TEST(SortOutReply, DoesNotBelieveASuccessWithAnError) {
  const auto issues = sort_out(reply(failed(200, "strange_exception"), kIndexed, kDeleted));
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_TRUE(issues[0].retry);
}

TEST(SortOutReply, TakesAVersionThatIsThereAlready) {
  EXPECT_THAT(sort_out(reply(failed(409, "version_conflict_engine_exception"), kIndexed,
                             R"({"delete":{"status":409,"error":{"type":)"
                             R"("version_conflict_engine_exception","reason":"r"}}})")),
              IsEmpty());
  const auto issues = sort_out(reply(failed(409, "other_exception"), kIndexed, kDeleted));
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_TRUE(issues[0].retry);
}

TEST(SortOutReply, TakesARemovalOfNothing) {
  EXPECT_THAT(sort_out(reply(kIndexed, kIndexed, R"({"delete":{"status":404}})")), IsEmpty());
}

TEST(SortOutReply, RetriesWhatIsOverloadOnly) {
  for (const unsigned status : {429u, 500u, 502u, 503u, 504u}) {
    const auto issues =
        sort_out(reply(kIndexed, failed(status, "es_rejected_execution_exception"), kDeleted));
    ASSERT_EQ(issues.size(), 1u) << status;
    EXPECT_EQ(issues[0].row, 1u);
    EXPECT_TRUE(issues[0].retry);
  }
  for (const unsigned status : {403u, 429u}) {
    const auto issues = sort_out(reply(
        failed(status, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
        kIndexed, kDeleted));
    ASSERT_EQ(issues.size(), 1u) << status;
    EXPECT_TRUE(issues[0].retry);
  }
}

TEST(SortOutReply, RejectsWithTheServersReason) {
  const std::string body = reply(
      R"({"index":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to )"
      R"(parse field [year] of type [long]","caused_by":{"type":"illegal_argument_exception",)"
      R"("reason":"For input string: \"x\""}}}})",
      kIndexed, R"({"delete":{"status":400}})");
  const auto issues = sort_out(body);
  ASSERT_EQ(issues.size(), 2u);
  EXPECT_EQ(issues[0].row, 0u);
  EXPECT_FALSE(issues[0].retry);
  EXPECT_EQ(issues[0].reason,
            "mapper_parsing_exception: failed to parse field [year] of type [long], caused by "
            "illegal_argument_exception: For input string: \"x\"");
  EXPECT_EQ(issues[1].row, 2u);
  EXPECT_EQ(issues[1].reason, "status 400 without a reason");
}

TEST(SortOutReply, DoesNotBlameARowForItsIndex) {
  EXPECT_EQ(reason_of(reply(kIndexed, failed(404, "index_not_found_exception"), kDeleted)),
            "index_missing");
  EXPECT_EQ(reason_of(reply(kIndexed, failed(400, "index_closed_exception"), kDeleted)),
            "index_closed");
  EXPECT_EQ(reason_of(reply(kIndexed, failed(403, "security_exception"), kDeleted)), "auth");
  EXPECT_EQ(reason_of(reply(kIndexed,
                            failed(400, "illegal_argument_exception",
                                   "pipeline with id [enrich] does not exist"),
                            kDeleted)),
            "http_400");
}

TEST(SortOutReply, NamesRowsOfTheBatchNotOfTheRequest) {
  const Batch batch = three_rows();
  const std::vector<std::size_t> rows = {1};
  const auto issues = sort_out_reply(
      R"({"items":[{"index":{"status":429,"error":{"type":"t","reason":"r"}}}]})", batch, rows);
  ASSERT_EQ(issues.size(), 1u);
  EXPECT_EQ(issues[0].row, 1u);
}

TEST(SortOutReply, ReadsDeepCauses) {
  std::string causes = R"({"type":"leaf","reason":"r"})";
  for (int depth = 0; depth < 60; ++depth) {
    causes = R"({"type":"t","reason":"r","caused_by":)" + causes + "}";
  }
  EXPECT_EQ(
      sort_out(reply(R"({"index":{"status":400,"error":)" + causes + "}}", kIndexed, kDeleted))
          .size(),
      1u);
}

}  // namespace
}  // namespace rowferry::elasticsearch
