#include "sinks/elasticsearch/index_definition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rowferry::elasticsearch {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(IndexConfig, SaysWhatIsWrong) {
  EXPECT_THAT(fault_of_index_config(""), HasSubstr("is no JSON"));
  EXPECT_THAT(fault_of_index_config("{\n  \"settings\": {,}\n}"), HasSubstr("line 2"));
  EXPECT_THAT(fault_of_index_config("{} {}"), HasSubstr("is no JSON"));
  EXPECT_THAT(fault_of_index_config("[]"), HasSubstr("must be a JSON object"));
  EXPECT_THAT(fault_of_index_config(R"({"mapping": {}})"), HasSubstr("the key 'mapping'"));
  EXPECT_THAT(fault_of_index_config(R"({"mappings": 1})"), HasSubstr("'mappings' must be"));
  EXPECT_THAT(fault_of_index_config(R"({"settings": {}, "mappings": {}, "aliases": {}} )"),
              IsEmpty());
}

TEST(IndexName, FollowsTheServersRules) {
  for (const std::string_view name : {"Films", "a b", "_films", "-films", "+x", ".", "..", "a*",
                                      "a/b", "a,b", "a#b", "a:b", "a\"b", "a\nb"}) {
    EXPECT_THAT(fault_of_index_name(name), testing::Not(IsEmpty())) << name;
  }
  EXPECT_THAT(fault_of_index_name(std::string(256, 'a')), testing::Not(IsEmpty()));
  for (const std::string_view name : {"films", "films-v1", "a.b_c+d", ".films", "ü"}) {
    EXPECT_THAT(fault_of_index_name(name), IsEmpty()) << name;
  }
}

TEST(CreationBody, RemembersRemovalsForAnHour) {
  EXPECT_EQ(creation_body(""), R"({"settings":{"index.gc_deletes":"1h"}})");
  EXPECT_EQ(creation_body(R"({"mappings":{"dynamic":"strict"},"settings":{"index":{}}})"),
            R"({"mappings":{"dynamic":"strict"},"settings":{"index":{},"index.gc_deletes":"1h"}})");
}

TEST(CreationBody, KeepsWhatTheFileSays) {
  for (const std::string_view config :
       {R"({"settings":{"index":{"gc_deletes":"2h"}}})",
        R"({"settings":{"index.gc_deletes":"2h"}})", R"({"settings":{"gc_deletes":"2h"}})"}) {
    EXPECT_EQ(creation_body(config), config);
  }
}

TEST(CreationBody, KeepsNumbers) {
  for (const double value : {0.75, 1.2, 0.1, 1e-7, 123456.789}) {
    const std::string text = std::to_string(value);
    const std::string body = creation_body(R"({"settings":{"gc_deletes":"1h","b":)" + text + "}}");
    const std::size_t at = body.find("\"b\":") + 4;
    EXPECT_EQ(std::stod(body.substr(at)), std::stod(text)) << body;
  }
}

TEST(IndexFacts, AreNothingForAnotherAnswer) {
  for (const std::string_view body : {"", "{}", "[]", "<html>", R"({"films":1})", R"({"films":{}})",
                                      R"({"films":{"settings":[]}})"}) {
    EXPECT_FALSE(read_index_facts(body)) << body;
  }
}

TEST(IndexFacts, KnowTheServersDefaults) {
  const auto facts = read_index_facts(R"({"films":{"settings":{"index.uuid":"x"}}})");
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->names, ElementsAre("films"));
  EXPECT_EQ(facts->gc_deletes, milliseconds(60'000));
  EXPECT_FALSE(facts->is_translog_async);
}

TEST(IndexFacts, TakeTheLeastOfAnAlias) {
  const auto facts = read_index_facts(
      R"({"films-v1":{"settings":{"index.gc_deletes":"1h"}},)"
      R"("films-v2":{"settings":{"index.gc_deletes":"90s","index.translog.durability":"async"}}})");
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->names, ElementsAre("films-v1", "films-v2"));
  EXPECT_EQ(facts->gc_deletes, milliseconds(90'000));
  EXPECT_TRUE(facts->is_translog_async);
  EXPECT_EQ(read_index_facts(R"({"f":{"settings":{"index.gc_deletes":"-1"}}})")->gc_deletes,
            milliseconds(0));
}

TEST(WriteIndexOfAlias, IsNothingWhereWritesHaveNoPlace) {
  EXPECT_FALSE(write_index_of_alias("", "films"));
  EXPECT_FALSE(write_index_of_alias(R"({"a":{"aliases":{"other":{}}}})", "films"));
  EXPECT_FALSE(write_index_of_alias(
      R"({"a":{"aliases":{"films":{}}},"b":{"aliases":{"films":{}}}})", "films"));
  EXPECT_FALSE(
      write_index_of_alias(R"({"a":{"aliases":{"films":{"is_write_index":false}}}})", "films"));
}

TEST(WriteIndexOfAlias, IsTheOnlyOneOrTheOneThatIsMarked) {
  EXPECT_EQ(write_index_of_alias(R"({"a":{"aliases":{"films":{}}}})", "films"), "a");
  EXPECT_EQ(write_index_of_alias(R"({"a":{"aliases":{"films":{}}},)"
                                 R"("b":{"aliases":{"films":{"is_write_index":true}}}})",
                                 "films"),
            "b");
}

TEST(ParseTimeValue, KnowsTheServersUnits) {
  EXPECT_EQ(parse_time_value("1h"), milliseconds(3'600'000));
  EXPECT_EQ(parse_time_value("2d"), milliseconds(172'800'000));
  EXPECT_EQ(parse_time_value("90m"), milliseconds(5'400'000));
  EXPECT_EQ(parse_time_value("60s"), milliseconds(60'000));
  EXPECT_EQ(parse_time_value("15ms"), milliseconds(15));
  EXPECT_EQ(parse_time_value("1999micros"), milliseconds(1));
  EXPECT_EQ(parse_time_value("5nanos"), milliseconds(0));
  EXPECT_EQ(parse_time_value("0"), milliseconds(0));
  for (const std::string_view text : {"", "h", "1", "-1", "-1h", "1.5h", "1 h", "1hh",
                                      "99999999999999999999h", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_time_value(text)) << text;
  }
}

}  // namespace
}  // namespace rowferry::elasticsearch
