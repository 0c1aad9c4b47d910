#include "sinks/elasticsearch/index_judgement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "base/duration.hpp"

namespace rowferry::elasticsearch {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

// Half of it is what a batch may be old.
constexpr milliseconds kGcDeletesMin{10'000};
constexpr milliseconds kGcDeletesAdvised{600'000};
constexpr auto kNeeded =
    std::to_array<std::string_view>({"index", "delete", "view_index_metadata"});
// Above all templates of others, so that ours is the one that is tried.
constexpr std::int64_t kHighestPriority = 2'147'483'646;
constexpr auto kWriteBlocks = std::to_array<std::string_view>(
    {"index.blocks.write", "index.blocks.read_only", "index.blocks.read_only_allow_delete",
     "index.blocks.metadata"});

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

json::string_view name_of(std::string_view text) { return {text.data(), text.size()}; }

json::object parse_object(std::string_view text) {
  boost::system::error_code code;
  json::value value = json::parse({text.data(), text.size()}, code);
  return !code && value.is_object() ? std::move(value.get_object()) : json::object{};
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name_of(name));
  return value == nullptr ? nullptr : value->if_object();
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name_of(name));
  if (value == nullptr) {
    return {};
  }
  return value->is_string() ? std::string(view(value->get_string())) : json::serialize(*value);
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Finding judge_memory_of_removals(const SinkSettings& settings, const IndexFacts& facts) {
  const std::string remedy = fmt::format(R"(PUT /{}/_settings {{"index.gc_deletes": "{}"}})",
                                         settings.index, kGcDeletesOfOurs);
  const std::string time = format_duration(facts.gc_deletes);
  if (facts.gc_deletes < kGcDeletesMin) {
    return {Severity::wrong,
            fmt::format("index {} remembers removals for {} only (index.gc_deletes): a late write "
                        "could bring a removed row back",
                        settings.index, time),
            remedy};
  }
  if (facts.gc_deletes < kGcDeletesAdvised) {
    return {Severity::warning,
            fmt::format("index {} remembers removals for {} only (index.gc_deletes): batches that "
                        "wait for half of that are read again",
                        settings.index, time),
            remedy};
  }
  return {Severity::ok, fmt::format("index {} remembers removals for {}", settings.index, time),
          ""};
}

bool is_number(ColumnType type) {
  return type == ColumnType::int16 || type == ColumnType::int32 || type == ColumnType::int64 ||
         type == ColumnType::float32 || type == ColumnType::float64 || type == ColumnType::numeric;
}

// Why no value of the column fits the field; empty: it does, or may.
std::string misfit(const Column& column, std::string_view type) {
  const ColumnType element = column.type.element;
  const bool is_numeric_field = type == "long" || type == "integer" || type == "short" ||
                                type == "byte" || type == "double" || type == "float" ||
                                type == "half_float" || type == "scaled_float";
  const bool is_time = element == ColumnType::date || element == ColumnType::timestamp ||
                       element == ColumnType::timestamptz;
  if (type == "object" || type == "nested") {
    const bool may_be_object = element == ColumnType::json || element == ColumnType::jsonb;
    return may_be_object ? "" : "holds objects";
  }
  if (type == "boolean") {
    return is_number(element) || is_time || element == ColumnType::uuid ? "holds true and false"
                                                                        : "";
  }
  if (is_numeric_field) {
    return is_time || element == ColumnType::uuid || element == ColumnType::boolean ||
                   element == ColumnType::bytes
               ? "holds numbers"
               : "";
  }
  if (type == "date" && (element == ColumnType::uuid || element == ColumnType::boolean)) {
    return "holds dates";
  }
  return "";
}

}  // namespace

IndexState read_index_state(std::string_view body) {
  IndexState state;
  for (const auto& member : parse_object(body)) {
    const json::object* index = member.value().if_object();
    const json::object* settings = index == nullptr ? nullptr : object_in(*index, "settings");
    if (settings == nullptr) {
      continue;
    }
    for (const std::string_view block : kWriteBlocks) {
      if (text_in(*settings, block) == "true") {
        state.blocks.emplace_back(block);
      }
    }
    state.is_closed =
        state.is_closed || text_in(*settings, "index.verified_before_close") == "true";
  }
  return state;
}

IndexFields read_index_fields(std::string_view body) {
  IndexFields fields;
  for (const auto& member : parse_object(body)) {
    const json::object* index = member.value().if_object();
    const json::object* mappings = index == nullptr ? nullptr : object_in(*index, "mappings");
    if (mappings == nullptr) {
      continue;
    }
    const std::string dynamic = text_in(*mappings, "dynamic");
    fields.dynamic = dynamic.empty() ? "true" : dynamic;
    const json::object* properties = object_in(*mappings, "properties");
    for (const auto& property : properties == nullptr ? json::object{} : *properties) {
      const json::object* field = property.value().if_object();
      const std::string type = field == nullptr ? "" : text_in(*field, "type");
      fields.types[std::string(property.key())] = type.empty() ? "object" : type;
    }
  }
  return fields;
}

std::vector<Finding> judge_index(const SinkSettings& settings, const IndexFacts& facts,
                                 const IndexState& state) {
  std::vector<Finding> findings;
  if (state.is_closed) {
    findings.push_back({Severity::wrong, fmt::format("index {} is closed", settings.index),
                        fmt::format("POST /{}/_open", settings.index)});
  }
  for (const std::string& block : state.blocks) {
    findings.push_back({Severity::refused,
                        fmt::format("index {} takes no writes ({})", settings.index, block),
                        fmt::format(R"(PUT /{}/_settings {{"{}": null}})", settings.index, block)});
  }
  findings.push_back(judge_memory_of_removals(settings, facts));
  if (facts.is_translog_async) {
    findings.push_back(
        {Severity::warning,
         "index.translog.durability is async: a crash of the search server may lose rows that it "
         "acknowledged",
         fmt::format(R"(PUT /{}/_settings {{"index.translog.durability": "request"}})",
                     settings.index)});
  }
  return findings;
}

std::vector<Finding> judge_fields(const SinkSettings& settings, const IndexFields& fields,
                                  const Schema& schema) {
  std::vector<Finding> findings;
  std::vector<std::string> unknown;
  for (const Column& column : schema.columns) {
    const auto field = fields.types.find(column.name);
    if (column.identity_only) {
      continue;
    }
    if (field == fields.types.end()) {
      unknown.push_back(column.name);
      continue;
    }
    const std::string why = misfit(column, field->second);
    if (!why.empty()) {
      findings.push_back(
          {Severity::warning,
           fmt::format("column {} is {}, and the field of index {} {} ({}): its rows would be "
                       "rejected",
                       column.name, to_string(column.type), settings.index, why, field->second),
           "make the index anew with another mapping, or leave the column out (source.columns)"});
    }
  }
  if (fields.dynamic == "strict" && !unknown.empty()) {
    findings.push_back(
        {Severity::wrong,
         fmt::format("index {} takes no other fields than its own (dynamic: "
                     "strict), and has none for: {}",
                     settings.index, joined(unknown)),
         fmt::format(R"(PUT /{}/_mapping {{"properties": {{"{}": {{"type": ...}}}}}}, )"
                     "or name the columns to send in source.columns",
                     settings.index, unknown.front())});
  } else if (fields.dynamic == "false" && !unknown.empty()) {
    findings.push_back({Severity::ok,
                        fmt::format("not searchable, for index {} has no fields for them: {}",
                                    settings.index, joined(unknown)),
                        ""});
  }
  return findings;
}

std::vector<Finding> judge_templates(const BulkEncoder& encoder) {
  std::vector<Finding> findings;
  const Schema& schema = *encoder.schema();
  const auto warn = [&findings](std::string text, std::string remedy) {
    findings.push_back({Severity::warning, std::move(text), std::move(remedy)});
  };
  const auto beyond = encoder.id().columns_beyond_identity(schema);
  if (!beyond.empty()) {
    warn(fmt::format("id names columns beyond the key ({}): a row in which they change leaves its "
                     "old document behind, and removals cannot name theirs",
                     joined(beyond)),
         "name key columns only in sink.id");
  }
  if (!encoder.id().covers_identity(schema)) {
    warn("id does not name all key columns: rows with the same id overwrite one another",
         "name every key column in sink.id");
  }
  const auto routed_by = encoder.routing() ? encoder.routing()->columns_beyond_identity(schema)
                                           : std::vector<std::string>{};
  if (!routed_by.empty()) {
    warn(fmt::format("routing names columns beyond the key ({}): a row in which they change leaves "
                     "its old document behind, and removals cannot find theirs",
                     joined(routed_by)),
         "name key columns only in sink.routing");
  }
  return findings;
}

std::string privileges_body(const SinkSettings& settings) {
  json::array privileges;
  for (const std::string_view privilege : kNeeded) {
    privileges.emplace_back(name_of(privilege));
  }
  if (settings.create) {
    privileges.emplace_back("create_index");
  }
  const json::object index{{"names", json::array{settings.index}},
                           {"privileges", std::move(privileges)}};
  return json::serialize(json::object{{"index", json::array{index}}});
}

std::optional<Finding> judge_privileges(const SinkSettings& settings, std::string_view body) {
  const json::object answer = parse_object(body);
  const json::value* all = answer.if_contains("has_all_requested");
  if (all == nullptr || !all->is_bool()) {
    return std::nullopt;
  }
  const std::string user = text_in(answer, "username");
  if (all->get_bool()) {
    return Finding{Severity::ok, fmt::format("{} may write index {}", user, settings.index), ""};
  }
  std::vector<std::string> lacking;
  const json::object* indices = object_in(answer, "index");
  const json::object* index = indices == nullptr ? nullptr : object_in(*indices, settings.index);
  for (const auto& member : index == nullptr ? json::object{} : *index) {
    if (member.value().is_bool() && !member.value().get_bool()) {
      lacking.push_back('"' + std::string(member.key()) + '"');
    }
  }
  return Finding{
      Severity::refused,
      fmt::format("{} may not do all it must with index {}", user, settings.index),
      fmt::format(
          R"(PUT /_security/role/ROLE {{"indices": [{{"names": ["{}"], "privileges": [{}]}}]}})"
          ", for a role of the user",
          settings.index, joined(lacking))};
}

std::string simulation_body(const SinkSettings& settings) {
  json::object body;
  body["index_patterns"] = json::array{settings.index};
  body["priority"] = kHighestPriority;
  body["template"] = parse_object(creation_body(settings.index_config));
  return json::serialize(body);
}

std::vector<std::string> templates_in(std::string_view simulation) {
  std::vector<std::string> names;
  const json::object answer = parse_object(simulation);
  const json::value* overlapping = answer.if_contains("overlapping");
  if (overlapping == nullptr || !overlapping->is_array()) {
    return names;
  }
  for (const json::value& item : overlapping->get_array()) {
    if (item.is_object()) {
      names.push_back(text_in(item.get_object(), "name"));
    }
  }
  return names;
}

}  // namespace rowferry::elasticsearch
