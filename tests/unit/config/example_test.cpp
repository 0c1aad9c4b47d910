// config.example.yaml names every key of the contract.
#include <gmock/gmock.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>

#include "config/load.hpp"

namespace rowferry::config {
namespace {

constexpr auto kKeys = std::to_array<const char*>({"listen",
                                                   "tls",
                                                   "api",
                                                   "body_bytes_max",
                                                   "connections_max",
                                                   "header_timeout",
                                                   "idle_timeout",
                                                   "certificate_file",
                                                   "private_key_file",
                                                   "operate_token_file",
                                                   "read_token_file",
                                                   "state",
                                                   "store",
                                                   "history_runs",
                                                   "log",
                                                   "level",
                                                   "format",
                                                   "max_bytes",
                                                   "max_files",
                                                   "shutdown_grace",
                                                   "dsn",
                                                   "password",
                                                   "statement_timeout",
                                                   "max_sessions",
                                                   "replica_of",
                                                   "urls",
                                                   "username",
                                                   "api_key",
                                                   "ca_file",
                                                   "request_timeout",
                                                   "bucket",
                                                   "region",
                                                   "endpoint",
                                                   "path_style",
                                                   "access_key_id",
                                                   "secret_access_key",
                                                   "session_token",
                                                   "profile",
                                                   "project",
                                                   "dataset",
                                                   "location",
                                                   "credentials_file",
                                                   "table",
                                                   "query",
                                                   "columns",
                                                   "where",
                                                   "key",
                                                   "cursor",
                                                   "mode",
                                                   "late_commits",
                                                   "overlap",
                                                   "stamp_slack",
                                                   "cursor_timezone",
                                                   "sweep",
                                                   "tombstones",
                                                   "deleted",
                                                   "partitions",
                                                   "settle",
                                                   "verify",
                                                   "chunk_rows",
                                                   "parallel",
                                                   "read_order",
                                                   "row_bytes_max",
                                                   "run_rows",
                                                   "pause",
                                                   "max_rows_per_second",
                                                   "max_active_backends",
                                                   "on_new_column",
                                                   "on_type_change",
                                                   "transforms",
                                                   "sink",
                                                   "schedule",
                                                   "fetch_delay",
                                                   "cron",
                                                   "timezone",
                                                   "batch",
                                                   "retry",
                                                   "initial_delay",
                                                   "multiplier",
                                                   "max_delay",
                                                   "jitter",
                                                   "give_up_after",
                                                   "dead_letters",
                                                   "max_rows",
                                                   "on_definition_change",
                                                   "reconcile",
                                                   "max_delete_ratio",
                                                   "dry_run",
                                                   "index",
                                                   "index_config",
                                                   "id",
                                                   "create",
                                                   "alias",
                                                   "keep",
                                                   "concurrency",
                                                   "compression",
                                                   "refresh",
                                                   "pipeline",
                                                   "routing",
                                                   "csv",
                                                   "header",
                                                   "delimiter",
                                                   "quote",
                                                   "null",
                                                   "line_end",
                                                   "object_bytes",
                                                   "part_bytes",
                                                   "parts_in_flight",
                                                   "row_group_bytes",
                                                   "open_objects",
                                                   "manifest",
                                                   "change_columns",
                                                   "encryption",
                                                   "kms_key_id",
                                                   "storage_class",
                                                   "tags",
                                                   "acl",
                                                   "write",
                                                   "partition_by",
                                                   "cluster_by",
                                                   "sync_control",
                                                   "load_format",
                                                   "schema",
                                                   "foreign_keys",
                                                   "indexes",
                                                   "validate",
                                                   "shared",
                                                   "tables",
                                                   "exclude",
                                                   "compare",
                                                   "names",
                                                   "rename",
                                                   "cursor_format",
                                                   "document",
                                                   "root",
                                                   "fields",
                                                   "parts",
                                                   "through",
                                                   "kind",
                                                   "watch"});

std::string example() {
  std::ifstream stream(ROWFERRY_SOURCE_DIR "/config.example.yaml");
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(ConfigExample, IsYamlWithoutAnyVariableSet) {
  const Environment nothing{[](const std::string&) { return std::nullopt; }};
  Problems problems("config.example.yaml");
  Redactor redactor;
  const Node root = load_text(example(), LoadContext{"/", nothing, problems, redactor});
  EXPECT_EQ(problems.to_text(), "");
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"daemon", "connections", "jobs"}));
}

TEST(ConfigExample, NamesEveryKey) {
  const std::string text = example();
  for (const std::string key : kKeys) {
    EXPECT_THAT(text, testing::ContainsRegex("[^a-z_]" + key + "[^a-z_]")) << key;
  }
}

}  // namespace
}  // namespace rowferry::config
