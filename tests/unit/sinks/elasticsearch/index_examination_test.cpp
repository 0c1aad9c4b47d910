#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "sinks/elasticsearch/sink.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry {
namespace {

using test::http_answer;
using test::HttpAnswer;
using test::HttpSeen;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kMissing =
    R"({"error":{"type":"index_not_found_exception","reason":"no such index [films]"}})";
constexpr const char* kExists = R"({"films":{"settings":{"index.gc_deletes":"1h"}}})";

auto finding(Severity severity, const std::string& text) {
  return AllOf(Field(&Finding::severity, severity), Field(&Finding::text, HasSubstr(text)));
}

// A sink before a server that answers by the beginning of the request line.
class IndexExaminationTest : public testing::Test {
 protected:
  IndexExaminationTest()
      : server_(loop_.executor(), [this](const HttpSeen& seen) { return answer(seen); }) {
    settings_.index = "films";
    request_.limits.rows_max = 10;
    request_.schema = test::test_schema();
  }

  HttpAnswer answer(const HttpSeen& seen) {
    for (const auto& [beginning, reply] : answers_) {
      if (seen.method_and_target().starts_with(beginning)) {
        return http_answer(reply.first, reply.second);
      }
    }
    return http_answer(400, R"({"error":"no handler found"})");
  }

  SinkExamination examine() {
    elasticsearch::ConnectionSettings connection;
    connection.urls.push_back(http::parse_url(server_.url()).value());
    ElasticsearchSink sink(
        std::make_shared<ElasticsearchConnection>("search", connection, loop_.runtime()), settings_,
        loop_.runtime());
    return loop_.run(sink.examine(request_));
  }

  void expect_only_questions() {
    for (const HttpSeen& seen : server_.seen()) {
      const std::string what = seen.method_and_target();
      EXPECT_TRUE(what.starts_with("GET ") || what == "POST /_index_template/_simulate" ||
                  what == "POST /_security/user/_has_privileges")
          << what;
    }
  }

  test::TestLoop loop_;
  std::map<std::string, std::pair<unsigned, std::string>> answers_;
  test::ScriptedHttpServer server_;
  elasticsearch::SinkSettings settings_;
  SinkExaminationRequest request_;
};

TEST_F(IndexExaminationTest, TriesOutAnIndexThatIsMissing) {
  answers_["GET /films/_settings"] = {404, kMissing};
  answers_["POST /_index_template/_simulate"] = {200, R"({"overlapping":[{"name":"all"}]})"};
  const SinkExamination found = examine();
  EXPECT_THAT(found.findings, ElementsAre(finding(Severity::ok, "films will be created"),
                                          finding(Severity::ok, "templates")));
  ASSERT_THAT(found.creations, SizeIs(1));
  EXPECT_EQ(found.creations[0].what, "index films");
  EXPECT_THAT(found.creations[0].body, HasSubstr("gc_deletes"));
  expect_only_questions();
}

TEST_F(IndexExaminationTest, FindsAMappingThatCannotBe) {
  answers_["GET /films/_settings"] = {404, kMissing};
  answers_["POST /_index_template/_simulate"] = {
      400, R"({"error":{"type":"a","reason":"outer","caused_by":{"type":"b","reason":"inner"}}})"};
  const SinkExamination found = examine();
  EXPECT_THAT(found.findings,
              ElementsAre(AllOf(finding(Severity::wrong, "films cannot be created: b: inner"),
                                Field(&Finding::text, Not(HasSubstr("outer"))))));
  EXPECT_THAT(found.creations, IsEmpty());
}

TEST_F(IndexExaminationTest, AServerThatCannotTryOutIsNoFault) {
  answers_["GET /films/_settings"] = {404, kMissing};
  answers_["POST /_index_template/_simulate"] = {403, R"({"error":{"type":"security_exception"}})"};
  EXPECT_THAT(examine().findings, ElementsAre(finding(Severity::ok, "will be created")));
}

TEST_F(IndexExaminationTest, AMissingIndexThatMayNotBeMadeIsWrong) {
  answers_["GET /films/_settings"] = {404, kMissing};
  settings_.create = false;
  settings_.pipeline = "enrich";
  answers_["GET /_ingest/pipeline/enrich"] = {404, "{}"};
  EXPECT_THAT(examine().findings, ElementsAre(finding(Severity::wrong, "create is false"),
                                              finding(Severity::wrong, "pipeline enrich")));
}

TEST_F(IndexExaminationTest, FindsAnAliasWithoutAWriteIndex) {
  answers_["GET /films/_settings"] = {
      200, R"({"a":{"settings":{"index.gc_deletes":"1h"}},"b":{"settings":{}}})"};
  answers_["GET /_alias/films"] = {
      200, R"({"a":{"aliases":{"films":{}}},"b":{"aliases":{"films":{}}}})"};
  EXPECT_THAT(examine().findings, Contains(finding(Severity::wrong, "alias of several indices")));
  answers_["GET /_alias/films"] = {404, "{}"};
  EXPECT_THAT(examine().findings, Contains(finding(Severity::wrong, "data stream")));
  answers_["GET /_alias/films"] = {
      200, R"({"a":{"aliases":{"films":{"is_write_index":true}}},"b":{"aliases":{"films":{}}}})"};
  EXPECT_THAT(examine().findings, Contains(finding(Severity::ok, "alias films writes to index a")));
}

TEST_F(IndexExaminationTest, SaysWhatTheUserLacks) {
  answers_["GET /films/_settings"] = {200, kExists};
  answers_["POST /_security/user/_has_privileges"] = {
      200, R"({"username":"etl","has_all_requested":false,"index":{"films":{"delete":false}}})"};
  EXPECT_THAT(examine().findings, Contains(finding(Severity::refused, "etl may not")));
}

TEST_F(IndexExaminationTest, ARefusalIsOneFinding) {
  answers_["GET /films/_settings"] = {403, R"({"error":{"type":"security_exception"}})"};
  EXPECT_THAT(examine().findings, ElementsAre(finding(Severity::refused, "films")));
}

TEST_F(IndexExaminationTest, ShowsRowsAsTheyWouldBeSent) {
  answers_["GET /films/_settings"] = {200, kExists};
  answers_["GET /films/_mapping"] = {
      200, R"({"films":{"mappings":{"properties":{"id":{"type":"long"}}}}})"};
  request_.depth = Depth::plan;
  request_.samples = std::make_shared<Batch>(
      test::make_batch(request_.schema, {{1, "One"}, {2, std::nullopt}}, 77));
  const SinkExamination found = examine();
  EXPECT_THAT(found.forms, ElementsAre("number into long", "string"));
  ASSERT_THAT(found.samples, SizeIs(2));
  EXPECT_EQ(found.samples[0],
            "{\"index\":{\"_id\":\"1\",\"version\":77,\"version_type\":\"external_gte\"}}\n"
            "{\"id\":1,\"title\":\"One\"}\n");
  EXPECT_THAT(found.buffers, SizeIs(2));
  expect_only_questions();
}

TEST_F(IndexExaminationTest, ATableWithoutAKeyIsWrong) {
  answers_["GET /films/_settings"] = {200, kExists};
  auto schema = std::make_shared<Schema>(*request_.schema);
  schema->identity.clear();
  request_.schema = schema;
  EXPECT_THAT(examine().findings, Contains(finding(Severity::wrong, "has no key")));
}

TEST_F(IndexExaminationTest, WithoutASchemaTheIndexIsLookedAtAlone) {
  answers_["GET /films/_settings"] = {200, kExists};
  request_.schema = nullptr;
  EXPECT_THAT(examine().findings, ElementsAre(finding(Severity::ok, "films exists"),
                                              finding(Severity::ok, "remembers removals")));
}

}  // namespace
}  // namespace rowferry
