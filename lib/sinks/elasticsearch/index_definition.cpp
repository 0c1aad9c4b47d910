#include "sinks/elasticsearch/index_definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdint>
#include <utility>

namespace rowferry::elasticsearch {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t kNameBytesMax = 255;
constexpr auto kConfigKeys = std::to_array<std::string_view>({"settings", "mappings", "aliases"});

/// The units of a duration; a longer one before its ending.
constexpr auto kUnits = std::to_array<std::pair<std::string_view, nanoseconds>>({
    {"nanos", nanoseconds(1)},
    {"micros", std::chrono::microseconds(1)},
    {"ms", milliseconds(1)},
    {"s", std::chrono::seconds(1)},
    {"m", std::chrono::minutes(1)},
    {"h", std::chrono::hours(1)},
    {"d", std::chrono::hours(24)},
});

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

const json::object* object_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value == nullptr ? nullptr : value->if_object();
}

std::string_view text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  return value != nullptr && value->is_string() ? view(value->get_string()) : std::string_view{};
}

std::optional<json::object> parse_object(std::string_view text) {
  boost::system::error_code code;
  json::value value = json::parse({text.data(), text.size()}, code);
  if (code || !value.is_object()) {
    return std::nullopt;
  }
  return std::move(value.get_object());
}

/// Whether settings say how long removals are remembered, in any of the ways to write it.
bool sets_gc_deletes(const json::object& settings) {
  const json::object* index = object_in(settings, "index");
  return settings.contains("index.gc_deletes") || settings.contains("gc_deletes") ||
         (index != nullptr && index->contains("gc_deletes"));
}

void take_in(const json::object& settings, bool is_first, IndexFacts& facts) {
  const std::string_view text = text_in(settings, "index.gc_deletes");
  const milliseconds server_default = IndexFacts{}.gc_deletes;
  const milliseconds value =
      text.empty() ? server_default : parse_time_value(text).value_or(milliseconds(0));
  facts.gc_deletes = is_first ? value : std::min(facts.gc_deletes, value);
  facts.uuids.emplace_back(text_in(settings, "index.uuid"));
  facts.is_translog_async =
      facts.is_translog_async || text_in(settings, "index.translog.durability") == "async";
}

}  // namespace

std::string fault_of_index_config(std::string_view text) {
  boost::system::error_code code;
  json::stream_parser parser;
  const std::size_t used = parser.write_some(text.data(), text.size(), code);
  if (!code) {
    parser.finish(code);
  }
  const std::size_t rest = std::min(text.find_first_not_of(" \t\r\n", used), text.size());
  if (code || rest < text.size()) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(used), '\n');
    return fmt::format("is no JSON: line {}: {}", line,
                       code ? code.message() : "text behind the value");
  }
  const json::value value = parser.release();
  if (!value.is_object()) {
    return "must be a JSON object of settings, mappings and aliases";
  }
  for (const auto& member : value.get_object()) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::ranges::find(kConfigKeys, key) == kConfigKeys.end()) {
      return fmt::format("has the key '{}': only settings, mappings and aliases may stand there",
                         key);
    }
    if (!member.value().is_object()) {
      return fmt::format("'{}' must be a JSON object", key);
    }
  }
  return {};
}

std::string fault_of_index_name(std::string_view name) {
  if (name == "." || name == ".." || name.size() > kNameBytesMax) {
    return "is no name for an index";
  }
  if (name.find_first_of("-_+") == 0) {
    return "must not begin with -, _ or +";
  }
  const auto is_wrong = [](char character) {
    const auto code = static_cast<unsigned char>(character);
    return code <= 0x20 || code == 0x7F || (character >= 'A' && character <= 'Z') ||
           std::string_view("\\/*?\"<>|,#:").find(character) != std::string_view::npos;
  };
  return std::ranges::any_of(name, is_wrong)
             ? "must be in lower case, without spaces and \\ / * ? \" < > | , # :"
             : "";
}

std::string creation_body(std::string_view index_config) {
  json::object body = parse_object(index_config).value_or(json::object{});
  json::value& settings = body["settings"];
  if (!settings.is_object()) {
    settings.emplace_object();
  }
  if (!sets_gc_deletes(settings.get_object())) {
    settings.get_object()["index.gc_deletes"] =
        json::string_view(kGcDeletesOfOurs.data(), kGcDeletesOfOurs.size());
  }
  return json::serialize(body);
}

std::optional<IndexFacts> read_index_facts(std::string_view body) {
  const auto indices = parse_object(body);
  if (!indices || indices->empty()) {
    return std::nullopt;
  }
  IndexFacts facts;
  for (const auto& member : *indices) {
    const json::object* index = member.value().if_object();
    const json::object* settings = index == nullptr ? nullptr : object_in(*index, "settings");
    if (settings == nullptr) {
      return std::nullopt;
    }
    take_in(*settings, facts.names.empty(), facts);
    facts.names.emplace_back(member.key());
  }
  return facts;
}

Receipt receipt_of(const IndexFacts& facts) {
  json::array uuids;
  for (const std::string& uuid : facts.uuids) {
    if (!uuid.empty()) {
      uuids.emplace_back(uuid);
    }
  }
  const json::object note{{"index_uuids", std::move(uuids)}};
  return Receipt{json::serialize(note)};
}

std::vector<std::string> index_uuids_of(const Receipt& receipt) {
  std::vector<std::string> uuids;
  const auto note = parse_object(receipt.json);
  const json::value* list = note ? note->if_contains("index_uuids") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return uuids;
  }
  for (const json::value& uuid : list->get_array()) {
    if (uuid.is_string()) {
      uuids.emplace_back(view(uuid.get_string()));
    }
  }
  return uuids;
}

std::optional<std::string> write_index_of_alias(std::string_view body, std::string_view alias) {
  const auto indices = parse_object(body);
  if (!indices) {
    return std::nullopt;
  }
  std::vector<std::string> plain;
  for (const auto& member : *indices) {
    const json::object* index = member.value().if_object();
    const json::object* aliases = index == nullptr ? nullptr : object_in(*index, "aliases");
    const json::object* entry = aliases == nullptr ? nullptr : object_in(*aliases, alias);
    if (entry == nullptr) {
      return std::nullopt;
    }
    const json::value* writes = entry->if_contains("is_write_index");
    if (writes != nullptr && writes->is_bool() && writes->get_bool()) {
      return std::string(member.key());
    }
    if (writes == nullptr) {
      plain.emplace_back(member.key());
    }
  }
  return indices->size() == 1 && plain.size() == 1 ? std::optional(plain.front()) : std::nullopt;
}

std::optional<milliseconds> parse_time_value(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const auto& [name, length] : kUnits) {
    const bool fits = count >= 0 && count <= nanoseconds::max() / length;
    if (fault == std::errc() && unit == name && fits) {
      return std::chrono::floor<milliseconds>(count * length);
    }
  }
  return fault == std::errc() && count == 0 && unit.empty() ? std::optional(milliseconds(0))
                                                            : std::nullopt;
}

}  // namespace rowferry::elasticsearch
