#include "fake_components.hpp"

#include <fmt/format.h>

#include "config/cron_schedule.hpp"

namespace rowferry::config {
namespace {

using std::chrono::milliseconds;

MakeConnection inert_connection() {
  return [](const Runtime&) { return std::shared_ptr<Connection>(); };
}

MakeConnection parse_postgres(const std::string& /*name*/, const Node& node) {
  std::ignore = node.required_text("dsn");
  std::ignore = node.secret("password");
  std::ignore = node.duration("statement_timeout", milliseconds(600'000), milliseconds(1));
  std::ignore = node.integer("max_sessions", 8, 2, 1000);
  node.not_built("replica_of");
  return inert_connection();
}

MakeConnection parse_elasticsearch(const std::string& /*name*/, const Node& node) {
  std::ignore = node.required("urls");
  std::ignore = node.texts("urls");
  std::ignore = node.text("username");
  std::ignore = node.secret("password");
  std::ignore = node.secret("api_key");
  std::ignore = node.existing_file("ca_file");
  std::ignore = node.duration("request_timeout", milliseconds(30'000), milliseconds(1));
  return inert_connection();
}

MakeConnection parse_file(const std::string& /*name*/, const Node& node) {
  std::ignore = node.required_text("path");
  return inert_connection();
}

ParsedSource parse_source(const JobSettings& /*job*/, const Node& source) {
  ParsedSource parsed;
  for (const char* key : {"document", "tables", "tombstones", "partitions"}) {
    source.not_built(key);
  }
  parsed.text = source.required_text("table");
  if (const Node sweep = source.at("sweep"); sweep.given("cron")) {
    parsed.sweep = parse_cron_schedule(sweep);
  }
  std::ignore = source.texts("columns");
  std::ignore = source.text("where");
  parsed.has_cursor = !source.text("cursor").empty();
  source.not_built_value("mode", "partitions");
  std::ignore = source.word("mode", {"full", "incremental", "partitions"});
  std::ignore = source.word("late_commits", {"exact", "overlap", "off"});
  std::ignore = source.duration("overlap", milliseconds(600'000));
  const Node deleted = source.at("deleted");
  if (!deleted.empty()) {
    std::ignore = deleted.required_text("column");
  }
  std::ignore = source.integer("chunk_rows", 250'000, 1, 10'000'000);
  std::ignore = source.size("row_bytes_max", 16u << 20);
  parsed.definition = parsed.text;
  return parsed;
}

ParsedSink parse_elasticsearch_sink(const JobSettings& /*job*/, const Node& sink) {
  ParsedSink parsed;
  parsed.target = sink.required_text("index");
  std::ignore = sink.existing_file("index_config");
  std::ignore = sink.boolean("create", true);
  std::ignore = sink.word("compression", {"gzip", "none"});
  sink.not_built("alias");
  return parsed;
}

ParsedSink parse_file_sink(const JobSettings& /*job*/, const Node& sink) {
  ParsedSink parsed;
  parsed.target = sink.required_text("key");
  sink.not_built_value("format", "parquet");
  std::ignore = sink.word("format", {"ndjson", "csv", "parquet"});
  const Node csv = sink.at("csv");
  std::ignore = csv.boolean("header", true);
  std::ignore = csv.text("null");
  return parsed;
}

}  // namespace

Components make_fake_components() {
  Components components;
  components.connections = {
      {"postgres", parse_postgres}, {"elasticsearch", parse_elasticsearch}, {"file", parse_file}};
  components.sources = {{"postgres", parse_source}};
  components.sinks = {{"elasticsearch", parse_elasticsearch_sink}, {"file", parse_file_sink}};
  return components;
}

}  // namespace rowferry::config
