#include "sources/postgres/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"

namespace rowferry::postgres {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Parsed {
  config::ParsedSource source;
  std::string problems;
};

/// What `jobs.movies.source`, as YAML without its connection, gives.
Parsed parse(const std::string& yaml) {
  JobSettings job;
  job.name = "movies";
  const config::Environment environment;
  Redactor redactor;
  config::Problems problems("app.yaml");
  const config::LoadContext context{"/etc", environment, problems, redactor};
  const config::Node node = config::load_text(yaml, context);
  Parsed parsed;
  parsed.source = parse_postgres_source(job, node);
  node.finish();
  parsed.problems = problems.to_text();
  return parsed;
}

std::string problems_of(const std::string& yaml) { return parse(yaml).problems; }

TEST(PostgresSourceConfig, NeedsOnlyATable) {
  const Parsed parsed = parse("table: content.film_work\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_EQ(parsed.source.text, "content.film_work");
  EXPECT_FALSE(parsed.source.has_cursor);
  EXPECT_FALSE(parsed.source.removes_rows);
}

TEST(PostgresSourceConfig, TakesEveryKeyThatIsBuilt) {
  const Parsed parsed = parse(
      "table: '\"Fleet\".\"telemetryRaw\"'\n"
      "columns: [id, title]\n"
      "where: \"type = 'movie'\"\n"
      "key: [id]\n"
      "cursor: updated_at\n"
      "mode: incremental\n"
      "late_commits: overlap\n"
      "overlap: 5m\n"
      "stamp_slack: 2m\n"
      "cursor_timezone: America/New_York\n"
      "deleted: {column: deleted_at}\n"
      "chunk_rows: 1000\n"
      "parallel: 4\n"
      "read_order: ctid\n"
      "row_bytes_max: 1MiB\n"
      "on_new_column: add\n"
      "on_type_change: fail\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_TRUE(parsed.source.has_cursor);
  EXPECT_TRUE(parsed.source.removes_rows);
}

TEST(PostgresSourceConfig, NamesTheJobWhereAQueryHasNoName) {
  const Parsed parsed = parse("query: \"SELECT 1 AS id \\t\\n\"\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  EXPECT_EQ(parsed.source.text, "movies");
}

TEST(PostgresSourceConfig, FullModeForgetsTheCursor) {
  EXPECT_FALSE(parse("table: t\ncursor: u\nmode: full\n").source.has_cursor);
}

TEST(PostgresSourceConfig, WantsExactlyOneOfTableAndQuery) {
  EXPECT_THAT(problems_of("where: a\n"), HasSubstr("exactly one of table and query"));
  EXPECT_THAT(problems_of("table: t\nquery: SELECT 1\n"),
              HasSubstr("exactly one of table and query"));
}

TEST(PostgresSourceConfig, RefusesQueriesThatAreNone) {
  EXPECT_THAT(problems_of("query: \"SELECT 1 ;\\t\\n\"\n"), HasSubstr("semicolon"));
  EXPECT_THAT(problems_of("query: \" \\n\"\n"), HasSubstr("must be a SELECT"));
}

TEST(PostgresSourceConfig, TakesEachWayToWriteAQuery) {
  for (const char* query : {"select 1", "WITH a AS (SELECT 1) TABLE a", "VALUES (1)", "TABLE t",
                            "(SELECT 1) UNION (SELECT 2)", "-- the films\n  SELECT 1",
                            "/* the films */ SELECT 1", "\n  SELECT 1"}) {
    EXPECT_THAT(problems_of("query: |2\n  " + std::string(query) + "\n"), IsEmpty()) << query;
  }
  for (const char* query : {"DELETE FROM t", "selected", "5"}) {
    EXPECT_THAT(problems_of("query: " + std::string(query) + "\n"), HasSubstr("must be a SELECT"));
  }
}

TEST(PostgresSourceConfig, WantsAKeyForTheChangesOfAQuery) {
  EXPECT_THAT(problems_of("query: SELECT 1\ncursor: u\n"),
              AllOf(HasSubstr("app.yaml:1: key: is missing"), HasSubstr("like [id]")));
  EXPECT_THAT(problems_of("query: SELECT 1\ncursor: u\nkey: [id]\n"), IsEmpty());
  EXPECT_THAT(problems_of("table: t\ncursor: u\n"), IsEmpty());
}

TEST(PostgresSourceConfig, RefusesConditionsThatCannotBe) {
  EXPECT_THAT(problems_of("table: t\nwhere: \"a = 1; \"\n"), HasSubstr("semicolon"));
  EXPECT_THAT(problems_of("table: t\nwhere: Where a = 1\n"), HasSubstr("without the word WHERE"));
  EXPECT_THAT(problems_of("table: t\nwhere: wherever = 1\n"), IsEmpty());
}

TEST(PostgresSourceConfig, BoundsChunksAndRows) {
  EXPECT_THAT(problems_of("table: t\nchunk_rows: 1000000001\n"), HasSubstr("and 1000000000"));
  EXPECT_THAT(problems_of("table: t\nchunk_rows: 1000000000\n"), IsEmpty());
  EXPECT_THAT(problems_of("table: t\nrow_bytes_max: 1025MiB\n"), HasSubstr("at most 1GiB"));
  EXPECT_THAT(problems_of("table: t\nrow_bytes_max: 1GiB\n"), IsEmpty());
}

TEST(PostgresSourceConfig, SaysOneThingOfWhatIsNotBuiltOrNoText) {
  EXPECT_EQ(problems_of("tables: [a, b]\n"), "app.yaml:1: tables: not built yet\n");
  EXPECT_EQ(problems_of("table: [a, b]\n"), "app.yaml:1: table: must be text, not a list\n");
}

TEST(PostgresSourceConfig, RefusesNamesOfTablesThatCannotBe) {
  EXPECT_THAT(problems_of("cursor: u\ntable: a.b.c.d\n"),
              AllOf(HasSubstr("app.yaml:2: "), HasSubstr("table: has more than three parts")));
  EXPECT_THAT(problems_of("table: 'a..b'\n"), HasSubstr("empty part"));
}

TEST(PostgresSourceConfig, RefusesAColumnNamedTwice) {
  EXPECT_THAT(problems_of("table: t\ncolumns: [a, b, a]\n"),
              AllOf(HasSubstr("app.yaml:2: "), HasSubstr("columns[2]: names a twice")));
  EXPECT_THAT(problems_of("table: t\nkey: [a, a]\n"), HasSubstr("key[1]: names a twice"));
  EXPECT_THAT(problems_of("table: t\ncolumns: [a, A]\n"), IsEmpty());
}

TEST(PostgresSourceConfig, RefusesZonesThatAreNone) {
  EXPECT_THAT(problems_of("table: t\ncursor: u\ncursor_timezone: Mars/Olympus\n"),
              HasSubstr("app.yaml:3: cursor_timezone: 'Mars/Olympus' is no time zone"));
  EXPECT_THAT(problems_of("table: t\ncursor_timezone: UTC\n"), HasSubstr("needs a cursor"));
}

TEST(PostgresSourceConfig, RefusesOrdersThatCannotBe) {
  EXPECT_THAT(problems_of("query: SELECT 1\nread_order: ctid\n"), HasSubstr("no ctid"));
  EXPECT_THAT(problems_of("table: t\nread_order: key\nparallel: 2\n"), HasSubstr("one reader"));
  EXPECT_THAT(problems_of("query: SELECT 1\nparallel: 2\n"), HasSubstr("one reader"));
  EXPECT_THAT(problems_of("table: t\nparallel: 0\n"), HasSubstr("parallel"));
  EXPECT_THAT(problems_of("table: t\nmode: incremental\n"), HasSubstr("needs a cursor"));
}

TEST(PostgresSourceConfig, ReadsWhenToSweep) {
  const std::string table = "table: t\ncursor: u\n";
  EXPECT_FALSE(parse(table).source.sweep.has_value());
  EXPECT_FALSE(parse(table + "sweep: {}\n").source.sweep.has_value());
  const Parsed parsed = parse(table + "sweep: {cron: '0 4 * * 0', timezone: Europe/Berlin}\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  ASSERT_TRUE(parsed.source.sweep.has_value());
  EXPECT_EQ(parsed.source.sweep->kind, Schedule::Kind::cron);
  EXPECT_EQ(parsed.source.sweep->cron, "0 4 * * 0");
  EXPECT_EQ(parsed.source.sweep->timezone, "Europe/Berlin");
}

TEST(PostgresSourceConfig, RefusesSweepsThatCannotBe) {
  const std::string table = "table: t\ncursor: u\n";
  EXPECT_THAT(problems_of("table: t\nsweep: {cron: '0 4 * * 0'}\n"),
              AllOf(HasSubstr("app.yaml:2: "), HasSubstr("sweep: "), HasSubstr("needs a cursor")));
  EXPECT_THAT(problems_of(table + "mode: full\nsweep: {cron: '0 4 * * 0'}\n"),
              HasSubstr("needs a cursor"));
  EXPECT_THAT(problems_of(table + "sweep: {cron: '0 4 * *'}\n"), HasSubstr("sweep.cron: "));
  EXPECT_THAT(problems_of(table + "sweep: {cron: '0 4 * * 0', timezone: Mars}\n"),
              HasSubstr("sweep.timezone: "));
  EXPECT_THAT(problems_of(table + "sweep: {timezone: Mars}\n"), HasSubstr("sweep.timezone: "));
  EXPECT_THAT(problems_of(table + "sweep: '0 4 * * 0'\n"), HasSubstr("must be a map"));
  EXPECT_THAT(problems_of(table + "sweep: {cronn: '0 4 * * 0'}\n"), HasSubstr("cronn"));
}

TEST(PostgresSourceConfig, ReadsTombstones) {
  const std::string table = "table: t\ncursor: u\n";
  EXPECT_FALSE(parse(table).source.removes_rows);
  EXPECT_FALSE(parse(table + "tombstones: {table: , key: , deleted_at: }\n").source.removes_rows);
  for (const char* key : {"", ", key: id", ", key: [id]"}) {
    const Parsed parsed = parse(table + "tombstones: {table: s.gone, deleted_at: at" + key + "}\n");
    EXPECT_THAT(parsed.problems, IsEmpty());
    EXPECT_TRUE(parsed.source.removes_rows);
  }
}

TEST(PostgresSourceConfig, RefusesTombstonesThatCannotBe) {
  const std::string table = "table: t\ncursor: u\n";
  EXPECT_THAT(problems_of("table: t\ntombstones: {table: g, deleted_at: d}\n"),
              AllOf(HasSubstr("app.yaml:2: "), HasSubstr("tombstones: "), HasSubstr("cursor")));
  EXPECT_THAT(problems_of(table + "tombstones: {table: g}\n"),
              HasSubstr("tombstones.deleted_at: "));
  EXPECT_THAT(problems_of(table + "tombstones: {deleted_at: d}\n"),
              HasSubstr("tombstones.table: "));
  EXPECT_THAT(problems_of(table + "tombstones: {table: 'a b', deleted_at: d}\n"),
              HasSubstr("tombstones.table: "));
  EXPECT_THAT(problems_of(table + "key: [a, b]\ntombstones: {table: g, key: a, deleted_at: d}\n"),
              AllOf(HasSubstr("tombstones.key: "), HasSubstr("2 columns")));
  EXPECT_THAT(problems_of(table + "tombstones: {table: g, key: [a, a], deleted_at: d}\n"),
              HasSubstr("twice"));
  EXPECT_THAT(problems_of(table + "tombstones: gone\n"), HasSubstr("must be a map"));
}

TEST(PostgresSourceConfig, SaysWhatIsNotBuiltYet) {
  for (const char* line :
       {"mode: partitions", "run_rows: 10", "pause: 1s", "tables: \"*\"", "on_new_column: ignore",
        "on_type_change: rebuild", "max_rows_per_second: 5"}) {
    EXPECT_THAT(problems_of(std::string("table: t\ncursor: u\n") + line + "\n"),
                HasSubstr("not built yet"))
        << line;
  }
}

TEST(PostgresSourceConfig, TellsOneDefinitionFromAnother) {
  const std::string plain = parse("table: t\ncursor: u\n").source.definition;
  EXPECT_EQ(parse("table: t\ncursor: u\nchunk_rows: 7\nparallel: 3\n").source.definition, plain);
  for (const char* line : {"columns: [a]", "where: a > 1", "key: [a]"}) {
    EXPECT_NE(parse(std::string("table: t\ncursor: u\n") + line + "\n").source.definition, plain)
        << line;
  }
  EXPECT_THAT(plain, Not(IsEmpty()));
}

}  // namespace
}  // namespace rowferry::postgres
