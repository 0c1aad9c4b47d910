#include "sources/postgres/stamping.hpp"

#include <gtest/gtest.h>

namespace rowferry::postgres {
namespace {

TriggerFacts plpgsql(std::string source) {
  TriggerFacts trigger;
  trigger.function = "stamp";
  trigger.language = "plpgsql";
  trigger.source = std::move(source);
  return trigger;
}

Stamping stamping(const std::string& source, const std::string& column = "updated_at") {
  return stamping_of(plpgsql(source), column);
}

TEST(Stamping, FindsAssignments) {
  for (const char* source : {
           "BEGIN NEW.updated_at := now(); RETURN NEW; END",
           "begin\n  new.updated_at=clock_timestamp();\n  return new;\nend",
           "BEGIN NEW . \"updated_at\" := now(); END",
           "BEGIN /* why */ New.Updated_At -- now\n := now(); END",
           "BEGIN IF OLD.* IS DISTINCT FROM NEW.* THEN NEW.updated_at = now(); END IF; END",
           "BEGIN SELECT now() INTO NEW.updated_at; RETURN NEW; END",
           "<<body>> NEW.updated_at = now();",
       }) {
    EXPECT_EQ(stamping(source), Stamping::always) << source;
  }
  EXPECT_EQ(stamping("BEGIN NEW.\"updatedAt\" := now(); END", "updatedAt"), Stamping::always);
}

TEST(Stamping, IsNotTakenInByOtherText) {
  for (const char* source : {
           "BEGIN -- NEW.updated_at := now();\n RETURN NEW; END",
           "BEGIN IF NEW.updated_at = OLD.updated_at THEN RAISE 'x'; END IF; RETURN NEW; END",
           "BEGIN PERFORM 'NEW.updated_at := now()'; RETURN NEW; END",
           "BEGIN x := NEW.updated_at; RETURN NEW; END",
       }) {
    EXPECT_EQ(stamping(source), Stamping::unclear) << source;
  }
  EXPECT_EQ(stamping("BEGIN NEW.updatedAt := now(); END", "updatedAt"), Stamping::unclear);
  EXPECT_EQ(stamping("BEGIN NEW.created_at := now(); RETURN NEW; END"), Stamping::none);
  EXPECT_EQ(stamping(""), Stamping::none);
}

TEST(Stamping, KnowsModdatetimeByItsArgument) {
  TriggerFacts trigger;
  trigger.function = "moddatetime";
  trigger.language = "c";
  trigger.source = "moddatetime";
  trigger.arguments = {"updated_at", ""};
  EXPECT_EQ(stamping_of(trigger, "updated_at"), Stamping::always);
  EXPECT_EQ(stamping_of(trigger, "created_at"), Stamping::none);
}

TEST(Stamping, OtherLanguagesCannotBeRead) {
  TriggerFacts trigger = plpgsql("TD['new']['updated_at'] = now");
  trigger.language = "plpython3u";
  EXPECT_EQ(stamping_of(trigger, "updated_at"), Stamping::unclear);
}

TEST(Stamping, DependsOnTheTrigger) {
  TriggerFacts trigger = plpgsql("BEGIN NEW.updated_at := now(); END");
  trigger.is_for_some_columns = true;
  EXPECT_EQ(stamping_of(trigger, "updated_at"), Stamping::some_columns);
  trigger.is_enabled = false;
  EXPECT_EQ(stamping_of(trigger, "updated_at"), Stamping::none);
}

}  // namespace
}  // namespace rowferry::postgres
