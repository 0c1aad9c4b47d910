#include "sinks/elasticsearch/index_judgement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/test_rows.hpp"

namespace rowferry::elasticsearch {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

auto finding(Severity severity, const std::string& text, const std::string& remedy) {
  return AllOf(Field(&Finding::severity, severity), Field(&Finding::text, HasSubstr(text)),
               Field(&Finding::remedy, HasSubstr(remedy)));
}

SinkSettings films() {
  SinkSettings settings;
  settings.index = "films";
  return settings;
}

IndexFacts facts_with(std::chrono::milliseconds gc_deletes) {
  IndexFacts facts;
  facts.names = {"films"};
  facts.gc_deletes = gc_deletes;
  return facts;
}

TEST(IndexState, ReadsBlocksAndClosing) {
  const IndexState state =
      read_index_state(R"({"films":{"settings":{"index.blocks.read_only_allow_delete":"true",)"
                       R"("index.blocks.write":"false","index.verified_before_close":"true"}}})");
  EXPECT_THAT(state.blocks, ElementsAre("index.blocks.read_only_allow_delete"));
  EXPECT_TRUE(state.is_closed);
  EXPECT_THAT(read_index_state("<html>").blocks, IsEmpty());
  EXPECT_FALSE(read_index_state("{}").is_closed);
}

TEST(IndexFields, ReadsTypesAndDynamic) {
  const IndexFields fields = read_index_fields(
      R"({"films":{"mappings":{"dynamic":"strict","properties":)"
      R"({"id":{"type":"long"},"cast":{"properties":{"name":{"type":"text"}}}}}}})");
  EXPECT_EQ(fields.dynamic, "strict");
  EXPECT_THAT(fields.types, UnorderedElementsAre(Pair("id", "long"), Pair("cast", "object")));
  EXPECT_EQ(read_index_fields(R"({"films":{"mappings":{}}})").dynamic, "true");
  EXPECT_EQ(read_index_fields(R"({"films":{"mappings":{"dynamic":false}}})").dynamic, "false");
}

TEST(IndexJudgement, AnIndexMustRememberRemovals) {
  EXPECT_THAT(judge_index(films(), facts_with(1h), {}),
              ElementsAre(finding(Severity::ok, "films remembers removals for 1h", "")));
  EXPECT_THAT(judge_index(films(), facts_with(60s), {}),
              ElementsAre(finding(Severity::warning, "1m",
                                  R"(PUT /films/_settings {"index.gc_deletes": "1h"})")));
  EXPECT_THAT(judge_index(films(), facts_with(5s), {}),
              ElementsAre(finding(Severity::wrong, "5s", "PUT /films/_settings")));
}

TEST(IndexJudgement, AnIndexMustTakeWrites) {
  IndexState state;
  state.is_closed = true;
  state.blocks = {"index.blocks.write"};
  IndexFacts facts = facts_with(1h);
  facts.is_translog_async = true;
  EXPECT_THAT(judge_index(films(), facts, state),
              ElementsAre(finding(Severity::wrong, "closed", "POST /films/_open"),
                          finding(Severity::refused, "index.blocks.write",
                                  R"({"index.blocks.write": null})"),
                          finding(Severity::ok, "removals", ""),
                          finding(Severity::warning, "async", "\"request\"")));
}

TEST(IndexJudgement, FieldsMustTakeTheColumns) {
  const SchemaPointer schema = test::test_schema({"note"});
  IndexFields fields;
  fields.types = {{"id", "long"}, {"title", "text"}};
  EXPECT_THAT(judge_fields(films(), fields, *schema), IsEmpty());
  fields.dynamic = "strict";
  EXPECT_THAT(judge_fields(films(), fields, *schema),
              ElementsAre(finding(Severity::wrong, "has none for: note",
                                  R"(PUT /films/_mapping {"properties": {"note")")));
  fields.dynamic = "false";
  EXPECT_THAT(judge_fields(films(), fields, *schema),
              ElementsAre(finding(Severity::ok, "not searchable", "")));
}

TEST(IndexJudgement, NamesColumnsThatNeverFit) {
  Schema schema;
  const auto add = [&schema](const std::string& name, ColumnType type) {
    Column column;
    column.name = name;
    column.type.element = type;
    schema.columns.push_back(column);
  };
  add("time", ColumnType::timestamptz);
  add("flag", ColumnType::boolean);
  add("number", ColumnType::int32);
  add("json", ColumnType::jsonb);
  add("text", ColumnType::text);
  IndexFields fields;
  fields.types = {{"time", "long"}, {"flag", "date"}, {"number", "boolean"}, {"text", "object"}};
  EXPECT_THAT(judge_fields(films(), fields, schema), SizeIs(4));
  fields.types = {{"time", "date"},
                  {"flag", "boolean"},
                  {"number", "date"},
                  {"json", "object"},
                  {"text", "long"}};
  EXPECT_THAT(judge_fields(films(), fields, schema), IsEmpty()) << "some values fit";
}

TEST(IndexJudgement, TemplatesShouldNameTheKey) {
  const SchemaPointer schema = test::test_schema();
  SinkSettings settings = films();
  EXPECT_THAT(judge_templates(BulkEncoder(schema, settings)), IsEmpty());
  std::string fault;
  settings.id = CellTemplate::parse("{title}", fault);
  settings.routing = CellTemplate::parse("{title}", fault);
  EXPECT_THAT(judge_templates(BulkEncoder(schema, settings)), SizeIs(3));
}

TEST(IndexJudgement, ReadsPrivileges) {
  const auto good = judge_privileges(films(), R"({"username":"etl","has_all_requested":true})");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->severity, Severity::ok);
  const auto bad =
      judge_privileges(films(), R"({"username":"etl","has_all_requested":false,"index":{"films":)"
                                R"({"index":true,"delete":false,"create_index":false}}})");
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->severity, Severity::refused);
  EXPECT_THAT(bad->remedy, AllOf(HasSubstr("\"delete\", \"create_index\""),
                                 testing::Not(HasSubstr("\"index\","))));
  EXPECT_FALSE(judge_privileges(films(), R"({"error":"no handler found"})"));
  EXPECT_THAT(privileges_body(films()), HasSubstr("create_index"));
  SinkSettings existing = films();
  existing.create = false;
  EXPECT_THAT(privileges_body(existing), testing::Not(HasSubstr("create_index")));
}

TEST(IndexJudgement, TriesTheBodyThatWouldBeSent) {
  SinkSettings settings = films();
  settings.index_config = R"({"mappings":{"dynamic":"strict"}})";
  const auto body = boost::json::parse(simulation_body(settings));
  EXPECT_EQ(body.at("template"), boost::json::parse(creation_body(settings.index_config)));
  EXPECT_EQ(body.at("index_patterns").at(0), "films");
  EXPECT_THAT(templates_in(R"({"overlapping":[{"name":"all","index_patterns":["*"]}]})"),
              ElementsAre("all"));
  EXPECT_THAT(templates_in("{}"), IsEmpty());
}

}  // namespace
}  // namespace rowferry::elasticsearch
