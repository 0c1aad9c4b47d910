#include "sinks/elasticsearch/config.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "sinks/elasticsearch/index_definition.hpp"
#include "sinks/elasticsearch/sink.hpp"

namespace rowferry {

namespace elasticsearch {
namespace {

using config::Node;

constexpr std::int64_t kConcurrencyMax = 16;

std::string parse_index(const Node& node) {
  std::string name = node.required_text("index");
  const std::string fault = fault_of_index_name(name);
  if (!fault.empty()) {
    node.problem("index", fault);
  }
  return name;
}

std::string parse_index_config(const Node& node) {
  const auto path = node.existing_file("index_config");
  std::error_code code;
  if (path.empty() || !std::filesystem::is_regular_file(path, code)) {
    return {};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string fault = fault_of_index_config(text);
  if (!fault.empty()) {
    node.problem("index_config", fmt::format("{} {}", path.filename().string(), fault));
  }
  return text;
}

std::optional<CellTemplate> parse_template(const Node& node, std::string_view key) {
  const std::string text = node.text(key);
  if (text.empty()) {
    return std::nullopt;
  }
  std::string fault;
  auto result = CellTemplate::parse(text, fault);
  if (!result) {
    node.problem(key, fault);
  }
  return result;
}

}  // namespace

SinkSettings parse_sink_settings(const Node& node) {
  SinkSettings settings;
  settings.index = parse_index(node);
  settings.index_config = parse_index_config(node);
  settings.id = parse_template(node, "id");
  if (settings.id && !settings.id->names_columns()) {
    node.problem("id", "must name a column, like {id}: else all rows are one document");
  }
  settings.routing = parse_template(node, "routing");
  settings.create = node.boolean("create", settings.create);
  settings.concurrency =
      static_cast<std::size_t>(node.integer("concurrency", 2, 1, kConcurrencyMax));
  settings.compression =
      node.word("compression", {"gzip", "none"}) == "none" ? Compression::none : Compression::gzip;
  settings.refresh = node.boolean("refresh", settings.refresh);
  settings.pipeline = node.text("pipeline");
  node.not_built("alias");
  node.not_built("keep");
  node.finish();
  return settings;
}

}  // namespace elasticsearch

config::ParsedSink parse_elasticsearch_sink(const JobSettings& /*job*/, const config::Node& sink) {
  const auto settings = elasticsearch::parse_sink_settings(sink);
  config::ParsedSink parsed;
  parsed.target = settings.index;
  parsed.make = [settings](const std::shared_ptr<Connection>& connection,
                           const Runtime& runtime) -> std::unique_ptr<Sink> {
    return std::make_unique<ElasticsearchSink>(
        std::static_pointer_cast<ElasticsearchConnection>(connection), settings, runtime);
  };
  return parsed;
}

}  // namespace rowferry
