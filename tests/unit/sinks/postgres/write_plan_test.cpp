#include "sinks/postgres/write_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/error.hpp"
#include "sinks/postgres/statements.hpp"

namespace rowferry::postgres_sink {
namespace {

using testing::HasSubstr;
using testing::Not;

Column column(std::string name, ColumnType type) {
  Column made;
  made.name = std::move(name);
  made.type.element = type;
  made.source_type = to_string(made.type);
  return made;
}

Schema films() {
  Schema schema;
  schema.table = "films";
  schema.columns = {column("id", ColumnType::int64), column("title", ColumnType::text),
                    column("at", ColumnType::timestamptz)};
  schema.identity = schema.key = {0};
  return schema;
}

TargetColumn target_column(std::string name, pq::TypeOid type, std::string declared) {
  TargetColumn made;
  made.name = std::move(name);
  made.type = type;
  made.declared = std::move(declared);
  return made;
}

TargetTable table() {
  TargetTable target;
  target.sql = "\"public\".\"films\"";
  target.columns = {target_column("id", pq::kBigintOid, "bigint"),
                    target_column("title", pq::kVarcharOid, "character varying(9)"),
                    target_column("at", pq::kTimestamptzOid, "timestamp with time zone")};
  target.unique_keys = {{"id"}};
  return target;
}

std::string refusal(const Schema& schema, const TargetTable& target, const SinkSettings& settings) {
  try {
    std::ignore = make_write_plan(schema, target, settings);
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    return error.what();
  }
  return "";
}

TEST(WritePlan, CopiesCellsOfTheTargetsOwnTypesStraightIn) {
  const WritePlan plan = make_write_plan(films(), table(), {});
  EXPECT_TRUE(plan.is_direct);
  EXPECT_EQ(plan.key, std::vector<std::size_t>{0});
  EXPECT_FALSE(plan.columns[0].is_updated);
  EXPECT_TRUE(plan.columns[1].is_updated);
}

TEST(WritePlan, StagesAndCastsOtherTypes) {
  TargetTable target = table();
  target.columns[0] = target_column("id", pq::kNumericOid, "numeric(20,0)");
  const WritePlan plan = make_write_plan(films(), target, {});
  EXPECT_FALSE(plan.is_direct);
  EXPECT_THAT(upsert_sql(plan), HasSubstr("s.c0::numeric(20,0)"));
  EXPECT_THAT(staging_sql(plan), HasSubstr("c0 bigint"));
}

TEST(WritePlan, NeedsAUniqueIndexOverTheWholeKey) {
  TargetTable target = table();
  target.unique_keys = {{"id", "at"}, {"title"}};
  EXPECT_THAT(refusal(films(), target, {}),
              HasSubstr("CREATE UNIQUE INDEX CONCURRENTLY ON \"public\".\"films\" (\"id\")"));
  SinkSettings append;
  append.write = WriteMode::append;
  EXPECT_EQ(refusal(films(), target, append), "");
  Schema keyless = films();
  keyless.key.clear();
  EXPECT_THAT(refusal(keyless, target, {}), HasSubstr("source.key"));
}

TEST(WritePlan, TakesTheColumnsOfAKeyInAnyOrder) {
  Schema schema = films();
  schema.key = {2, 0};
  TargetTable target = table();
  target.unique_keys = {{"id", "at"}};
  const WritePlan plan = make_write_plan(schema, target, {});
  EXPECT_EQ(plan.key, (std::vector<std::size_t>{2, 0}));
}

TEST(WritePlan, RefusesAKeyThatIsNotSent) {
  Schema schema = films();
  schema.columns[0].identity_only = true;
  EXPECT_THAT(refusal(schema, table(), {}), HasSubstr("not among source.columns"));
}

TEST(WritePlan, RefusesAColumnThatMustHaveAValueAndGetsNone) {
  TargetTable target = table();
  target.columns.push_back(target_column("more", pq::kIntegerOid, "integer"));
  EXPECT_EQ(refusal(films(), target, {}), "");
  target.columns.back().not_null = true;
  EXPECT_THAT(refusal(films(), target, {}), HasSubstr("\"more\" SET DEFAULT"));
  target.columns.back().has_default = true;
  EXPECT_EQ(refusal(films(), target, {}), "");
}

TEST(WritePlan, GivesNoValueToGeneratedColumnsAndNoNewOneToIdentities) {
  TargetTable target = table();
  target.columns[1].is_generated = true;
  target.columns[0].always_identity = true;
  const WritePlan plan = make_write_plan(films(), target, {});
  EXPECT_EQ(plan.columns.size(), 2u);
  EXPECT_THAT(upsert_sql(plan), HasSubstr("OVERRIDING SYSTEM VALUE"));
  EXPECT_THAT(upsert_sql(plan), Not(HasSubstr("\"title\"")));
}

TEST(WritePlan, LeavesARowAloneThatHasNothingButItsKey) {
  Schema schema = films();
  schema.columns.resize(1);
  EXPECT_THAT(upsert_sql(make_write_plan(schema, table(), {})), HasSubstr("DO NOTHING"));
}

TEST(WritePlan, QuotesWhateverNamesHold) {
  Schema schema = films();
  schema.columns[1].name = "a\"b; --";
  TargetTable target = table();
  target.columns[1].name = "a\"b; --";
  const std::string sql = upsert_sql(make_write_plan(schema, target, {}));
  EXPECT_THAT(sql, HasSubstr("\"a\"\"b; --\" = excluded.\"a\"\"b; --\""));
}

TEST(CreateTable, HasKeyAndNotNull) {
  Schema schema = films();
  schema.columns[0].nullable = false;
  EXPECT_EQ(create_table_sql({"", "films"}, schema, {"bigint", "varchar(9)", "timestamptz"}),
            "CREATE TABLE IF NOT EXISTS \"films\" (\"id\" bigint NOT NULL, \"title\" varchar(9), "
            "\"at\" timestamptz, PRIMARY KEY (\"id\"))");
}

}  // namespace
}  // namespace rowferry::postgres_sink
