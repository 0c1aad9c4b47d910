#include "sinks/postgres/config.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "connections/postgres/table_name.hpp"
#include "sinks/postgres/postgres_sink.hpp"

namespace rowferry {
namespace {

using postgres_sink::SinkSettings;
using postgres_sink::WriteMode;

WriteMode write_mode_of(const std::string& word) {
  if (word == "append") {
    return WriteMode::append;
  }
  return word == "replace" ? WriteMode::replace : WriteMode::upsert;
}

SinkSettings parse_settings(const config::Node& sink) {
  SinkSettings settings;
  settings.table = sink.required_text("table");
  if (!settings.table.empty()) {
    const std::string problem = connections::table_name_problem(settings.table);
    if (!problem.empty()) {
      sink.problem("table", fmt::format("{} {}", settings.table, problem));
    }
  }
  settings.create = sink.boolean("create", true);
  settings.write = write_mode_of(sink.word("write", {"upsert", "append", "replace"}));
  for (const char* key : {"foreign_keys", "indexes"}) {
    if (sink.boolean(key, false)) {
      sink.not_built(key);
    }
  }
  sink.not_built("schema");
  return settings;
}

}  // namespace

config::ParsedSink parse_postgres_sink(const JobSettings& job, const config::Node& sink) {
  const SinkSettings settings = parse_settings(sink);
  if (settings.write == WriteMode::replace && job.incremental) {
    sink.problem("write",
                 "replace is for jobs that copy everything each time: leave source.cursor out, or "
                 "use upsert");
  }
  config::ParsedSink parsed;
  parsed.target = settings.table;
  parsed.apart_by = "another table";
  parsed.make = [settings](std::shared_ptr<Connection> connection,
                           const Runtime& runtime) -> std::unique_ptr<Sink> {
    return std::make_unique<PostgresSink>(
        std::dynamic_pointer_cast<connections::PostgresConnection>(connection), settings, runtime);
  };
  return parsed;
}

}  // namespace rowferry
