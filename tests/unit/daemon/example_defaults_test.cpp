// What config.example.yaml and docs/reference.md call a default is what the program does without
// it.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "config/load.hpp"
#include "config/settings_parts.hpp"
#include "connections/elasticsearch/settings.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "objects/object_settings.hpp"
#include "sinks/elasticsearch/config.hpp"
#include "sources/postgres/config.hpp"

namespace rowferry {
namespace {

using config::Node;

constexpr std::chrono::milliseconds kNone{-1};

/// A configuration that is read, with what its nodes refer to.
class Configuration {
 public:
  Configuration()
      : root_(config::load_file(std::filesystem::path(ROWFERRY_SOURCE_DIR) / "config.example.yaml",
                                context())) {}
  explicit Configuration(const std::string& yaml) : root_(config::load_text(yaml, context())) {}

  /// The node at a path like `jobs.movies.sink`.
  [[nodiscard]] Node at(const std::string& path) const {
    const std::size_t dot = path.find('.');
    const Node first = root_.at(path.substr(0, dot));
    return dot == std::string::npos ? first : below(first, path.substr(dot + 1));
  }
  [[nodiscard]] std::string problems() const { return problems_.to_text(); }

 private:
  static Node below(const Node& node, const std::string& path) {
    const std::size_t dot = path.find('.');
    const Node next = node.at(path.substr(0, dot));
    return dot == std::string::npos ? next : below(next, path.substr(dot + 1));
  }

  config::LoadContext context() { return {folder_, environment_, problems_, redactor_}; }

  std::filesystem::path folder_ = "/etc";
  config::Environment environment_ = config::Environment::of_process();
  config::Problems problems_{"config.example.yaml"};
  Redactor redactor_;
  Node root_;
};

TEST(ConfigExample, ShowsTheDefaultsOfTheDaemon) {
  const Configuration example;
  const config::DaemonSettings shown = config::parse_daemon(example.at("daemon"));
  const config::DaemonSettings unset = config::parse_daemon(Configuration("jobs:\n").at("daemon"));
  EXPECT_EQ(shown.listen.text, unset.listen.text);
  EXPECT_EQ(shown.tls, unset.tls);
  EXPECT_EQ(shown.api, unset.api);
  EXPECT_EQ(shown.operate_token_file, unset.operate_token_file);
  EXPECT_EQ(shown.read_token_file, unset.read_token_file);
  EXPECT_EQ(shown.state.store, unset.state.store);
  EXPECT_EQ(shown.state.path, unset.state.path);
  EXPECT_EQ(shown.history_runs, unset.history_runs);
  EXPECT_EQ(shown.log, unset.log);
  EXPECT_EQ(shown.shutdown_grace, unset.shutdown_grace);
  EXPECT_EQ(example.at("daemon").text("history_runs"), std::to_string(unset.history_runs));
}

TEST(ConfigExample, ShowsTheDefaultsOfJobs) {
  const Configuration example;
  const Configuration nothing("jobs: {movies: {}}\n");
  const JobSettings shown = config::parse_job_settings("movies", example.at("jobs.movies"));
  const JobSettings unset = config::parse_job_settings("movies", nothing.at("jobs.movies"));
  EXPECT_EQ(shown.batch.rows_max, unset.batch.rows_max);
  EXPECT_EQ(shown.batch.bytes_max, unset.batch.bytes_max);
  EXPECT_EQ(shown.retry.initial_delay, unset.retry.initial_delay);
  EXPECT_EQ(shown.retry.multiplier, unset.retry.multiplier);
  EXPECT_EQ(shown.retry.max_delay, unset.retry.max_delay);
  EXPECT_EQ(shown.retry.jitter, unset.retry.jitter);
  EXPECT_EQ(shown.retry.give_up_after, unset.retry.give_up_after);
  EXPECT_EQ(shown.dead_letters.rows_max, unset.dead_letters.rows_max);
  EXPECT_EQ(shown.dead_letters.bytes_max, unset.dead_letters.bytes_max);
  EXPECT_EQ(shown.on_definition_change, unset.on_definition_change);
  const Schedule polls = config::parse_schedule(example.at("jobs.movies"), true);
  EXPECT_EQ(polls.kind, config::parse_schedule(nothing.at("jobs.movies"), true).kind);
  EXPECT_EQ(polls.fetch_delay, Schedule().fetch_delay);
  EXPECT_EQ(config::parse_schedule(example.at("jobs.archive"), false).kind,
            config::parse_schedule(nothing.at("jobs.movies"), false).kind);
}

TEST(ConfigExample, ShowsTheDefaultsOfSourcesAndConnections) {
  const Configuration example;
  const postgres::SourceSettings unset;
  const Node source = example.at("jobs.movies.source");
  EXPECT_EQ(source.duration("overlap", kNone), unset.overlap);
  EXPECT_EQ(source.duration("stamp_slack", kNone), unset.stamp_slack);
  EXPECT_EQ(source.integer("chunk_rows", -1), static_cast<std::int64_t>(unset.chunk_rows));
  EXPECT_EQ(source.integer("parallel", -1), static_cast<std::int64_t>(unset.parallel));
  EXPECT_EQ(source.size("row_bytes_max", 1), unset.row_bytes_max);
  EXPECT_EQ(source.text("late_commits"), "exact");
  EXPECT_EQ(unset.late_commits, postgres::LateCommits::exact);
  EXPECT_EQ(source.text("read_order"), "auto");
  EXPECT_EQ(unset.read_order, postgres::ReadOrder::automatic);
  const connections::PostgresSettings server;
  const Node shop = example.at("connections.shop");
  EXPECT_EQ(shop.duration("statement_timeout", kNone), server.statement_timeout);
  EXPECT_EQ(shop.integer("max_sessions", -1), static_cast<std::int64_t>(server.sessions_max));
  EXPECT_EQ(example.at("connections.search").duration("request_timeout", kNone),
            elasticsearch::ConnectionSettings().request_timeout);
}

TEST(ConfigExample, ShowsTheDefaultsOfAnIndex) {
  const Configuration example;
  const elasticsearch::SinkSettings shown =
      elasticsearch::parse_sink_settings(example.at("jobs.movies.sink"));
  const elasticsearch::SinkSettings unset;
  EXPECT_EQ(shown.index_config, unset.index_config);
  EXPECT_FALSE(shown.id.has_value() || shown.routing.has_value());
  EXPECT_EQ(shown.create, unset.create);
  EXPECT_EQ(shown.concurrency, unset.concurrency);
  EXPECT_EQ(shown.compression, unset.compression);
  EXPECT_EQ(shown.refresh, unset.refresh);
  EXPECT_EQ(shown.pipeline, unset.pipeline);
}

TEST(ConfigExample, ShowsTheDefaultsOfFiles) {
  const Configuration example;
  const Configuration nothing("jobs: {archive: {sink: {}}}\n");
  JobSettings job;
  job.name = "archive";
  const ObjectSettings shown = parse_object_settings(job, example.at("jobs.archive.sink"));
  const ObjectSettings unset = parse_object_settings(job, nothing.at("jobs.archive.sink"));
  EXPECT_EQ(example.problems(), "");
  EXPECT_EQ(shown.key.text_of("j", "t"), unset.key.text_of("j", "t"));
  EXPECT_EQ(shown.format, unset.format);
  EXPECT_EQ(shown.csv.delimiter, unset.csv.delimiter);
  EXPECT_EQ(shown.csv.quote, unset.csv.quote);
  EXPECT_EQ(shown.csv.null_text, unset.csv.null_text);
  EXPECT_EQ(shown.csv.line_end, unset.csv.line_end);
  EXPECT_EQ(shown.csv_header, unset.csv_header);
  EXPECT_EQ(shown.change_columns, unset.change_columns);
  EXPECT_EQ(shown.object_bytes, unset.object_bytes);
  EXPECT_EQ(shown.open_objects, unset.open_objects);
  EXPECT_EQ(shown.manifest, unset.manifest);
}

}  // namespace
}  // namespace rowferry
