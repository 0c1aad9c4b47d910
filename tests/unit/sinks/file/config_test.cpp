#include "sinks/file/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/load.hpp"
#include "objects/object_settings.hpp"

namespace rowferry {
namespace {

using testing::HasSubstr;

/// What the sink's keys, as YAML, give for job `movies`.
struct Parsed {
  ObjectSettings settings;
  std::string target;
  std::string problems;
};

Parsed parse(const std::string& yaml, bool incremental = false, bool removes_rows = false) {
  JobSettings job;
  job.name = "movies";
  job.table = "film_work";
  job.incremental = incremental;
  job.removes_rows = removes_rows;
  const config::Environment environment;
  Redactor redactor;
  Parsed parsed;
  config::Problems problems("app.yaml");
  const config::LoadContext context{"/etc", environment, problems, redactor};
  const config::Node node = config::load_text(yaml, context);
  parsed.target = parse_file_sink(job, node).target;
  node.finish();
  parsed.problems = problems.to_text();
  config::Problems again("app.yaml");
  const config::LoadContext context_again{"/etc", environment, again, redactor};
  parsed.settings = parse_object_settings(job, config::load_text(yaml, context_again));
  return parsed;
}

TEST(FileSinkConfig, HasDefaults) {
  const Parsed parsed = parse("format: ndjson\n");
  EXPECT_EQ(parsed.problems, "");
  EXPECT_EQ(parsed.settings.key.text(), "{job}/{run_seq:06}/part-{part:04}.ndjson");
  EXPECT_EQ(parsed.settings.object_bytes, 128u << 20);
  EXPECT_EQ(parsed.settings.open_objects, 8u);
  EXPECT_TRUE(parsed.settings.manifest);
  EXPECT_TRUE(parsed.settings.csv_header);
  EXPECT_EQ(parsed.settings.change_columns, ChangeColumns::no);
  EXPECT_EQ(parsed.target, "movies/{run_seq:06}/part-{part:04}.ndjson");
}

TEST(FileSinkConfig, ReadsEveryKey) {
  const Parsed parsed = parse(
      "key: \"x/{table}/{run_seq}-{part}.txt\"\n"
      "format: csv\n"
      "compression: none\n"
      "csv: {header: false, delimiter: \"\\t\", quote: \"'\", null: \"\\\\N\", "
      "line_end: \"\\r\\n\"}\n"
      "object_bytes: 1MiB\n"
      "open_objects: 3\n"
      "manifest: false\n"
      "change_columns: true\n");
  EXPECT_EQ(parsed.problems, "");
  EXPECT_EQ(parsed.settings.format, ObjectFormat::csv);
  EXPECT_FALSE(parsed.settings.csv_header);
  EXPECT_EQ(parsed.settings.csv.delimiter, '\t');
  EXPECT_EQ(parsed.settings.csv.quote, '\'');
  EXPECT_EQ(parsed.settings.csv.null_text, "\\N");
  EXPECT_EQ(parsed.settings.csv.line_end, "\r\n");
  EXPECT_EQ(parsed.settings.object_bytes, 1u << 20);
  EXPECT_EQ(parsed.settings.open_objects, 3u);
  EXPECT_FALSE(parsed.settings.manifest);
  EXPECT_EQ(parsed.settings.change_columns, ChangeColumns::yes);
}

TEST(FileSinkConfig, EndsTheDefaultKeyWithTheFormat) {
  EXPECT_EQ(parse("format: csv\n").settings.key.text(), "{job}/{run_seq:06}/part-{part:04}.csv");
}

TEST(FileSinkConfig, SaysWhatIsWrongAtItsPlace) {
  EXPECT_THAT(parse("key: \"{jbo}/{part}\"\n").problems, HasSubstr("app.yaml:1: key: unknown"));
  EXPECT_THAT(parse("key: ../{part}\n").problems, HasSubstr("key: a key has no empty component"));
  EXPECT_THAT(parse("format: ndjson\ncsv: {delimiter: ab}\n").problems,
              HasSubstr("app.yaml:2: csv.delimiter: must be one ASCII character"));
  EXPECT_THAT(parse("csv: {delimiter: \"'\", quote: \"'\"}\n").problems, HasSubstr("csv.quote"));
  EXPECT_THAT(parse("csv: {line_end: x}\n").problems, HasSubstr("csv.line_end"));
  EXPECT_THAT(parse("csv: {headers: true}\n").problems, HasSubstr("csv.headers"));
  EXPECT_THAT(parse("object_bytes: 10\n").problems, HasSubstr("object_bytes"));
  EXPECT_THAT(parse("open_objects: 0\n").problems, HasSubstr("open_objects"));
  EXPECT_THAT(parse("key: \"{column:a}.csv\"\n").problems, HasSubstr("needs {part}"));
  EXPECT_THAT(parse("index: movies\n").problems, HasSubstr("index"));
}

TEST(FileSinkConfig, RefusesANullTextThatIsNoSingleValue) {
  EXPECT_THAT(parse("csv: {null: \"a,b\"}\n").problems,
              HasSubstr("app.yaml:1: csv.null: must not hold the delimiter"));
  EXPECT_THAT(parse("csv: {null: \"\\\"\"}\n").problems, HasSubstr("must not hold the quote"));
  EXPECT_THAT(parse("csv: {null: \"a\\nb\"}\n").problems, HasSubstr("must not hold a line end"));
  EXPECT_THAT(parse("csv: {null: \"\\r\"}\n").problems, HasSubstr("must not hold a line end"));
  EXPECT_THAT(parse("csv: {null: \"a;b\", delimiter: \";\"}\n").problems,
              HasSubstr("must not hold the delimiter"));
  EXPECT_EQ(parse("csv: {null: \"a,b\", delimiter: \";\"}\n").problems, "");
  EXPECT_EQ(parse("csv: {null: NULL}\n").problems, "");
}

TEST(FileSinkConfig, SaysWhatIsNotBuiltYet) {
  EXPECT_THAT(parse("format: parquet\n").problems, HasSubstr("format: not built yet"));
  EXPECT_THAT(parse("compression: gzip\n").problems, HasSubstr("compression: not built yet"));
  EXPECT_THAT(parse("key: \"{window}/{part}\"\n").problems, HasSubstr("not built yet"));
  EXPECT_THAT(parse("part_bytes: 16MiB\n").problems, HasSubstr("part_bytes: not built yet"));
}

TEST(FileSinkConfig, NeedsTheRunInKeysOfIncrements) {
  EXPECT_THAT(parse("key: \"{job}/{part}\"\n", true).problems, HasSubstr("needs {run_seq}"));
  EXPECT_EQ(parse("key: \"{job}/{part}\"\n", false).problems, "");
}

TEST(FileSinkConfig, NeedsChangeColumnsForRemovals) {
  EXPECT_THAT(parse("format: csv\n", true, true).problems, HasSubstr("change_columns"));
  EXPECT_EQ(parse("change_columns: true\n", true, true).problems, "");
  EXPECT_EQ(parse("format: csv\n", true, false).problems, "");
}

TEST(FileSinkConfig, NamesItsTargetWithJobAndTable) {
  EXPECT_EQ(parse("key: \"a/{job}/{table}-{run_seq}-{part:04}\"\n").target,
            "a/movies/film_work-{run_seq}-{part:04}");
}

}  // namespace
}  // namespace rowferry
