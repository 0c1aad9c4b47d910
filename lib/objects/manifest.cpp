#include "objects/manifest.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <exception>
#include <sstream>

namespace rowferry {
namespace {

namespace json = boost::json;

constexpr std::string_view kPrefix = "_manifest-";
constexpr std::string_view kSuffix = ".json";

std::string to_text(const json::value& value) {
  const json::string& text = value.as_string();
  return {text.data(), text.size()};
}

std::string quoted(std::string_view text) {
  return json::serialize(json::value(json::string_view(text.data(), text.size())));
}

std::string text_or_null(std::string_view text) { return text.empty() ? "null" : quoted(text); }

std::string join(const std::vector<std::string>& items, std::string_view indent) {
  std::string text;
  for (const std::string& item : items) {
    text += fmt::format("{}\n{}{}", text.empty() ? "" : ",", indent, item);
  }
  return text;
}

std::string quote_all(const std::vector<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", quoted(key));
  }
  return text;
}

std::string time_text(WallTime time) {
  return date::format("%FT%TZ", std::chrono::floor<std::chrono::seconds>(time));
}

WallTime parse_time(const std::string& text) {
  std::istringstream stream(text);
  std::chrono::sys_seconds time{};
  stream >> date::parse("%FT%TZ", time);
  return time;
}

// A manifest says what may be deleted: a key that leads out of the folder makes it void.
bool is_safe(std::string_view key) {
  if (key.empty() || key.find('\0') != std::string_view::npos) {
    return false;
  }
  while (true) {
    const std::size_t slash = std::min(key.find('/'), key.size());
    const std::string_view component = key.substr(0, slash);
    if (component.empty() || component == "." || component == "..") {
      return false;
    }
    if (slash == key.size()) {
      return true;
    }
    key.remove_prefix(slash + 1);
  }
}

std::string safe_key(const json::value& value) {
  std::string key = to_text(value);
  if (!is_safe(key)) {
    throw std::invalid_argument("a key that leads out of the folder");
  }
  return key;
}

std::vector<std::string> safe_keys(const json::value& value) {
  std::vector<std::string> keys;
  for (const json::value& key : value.as_array()) {
    keys.push_back(safe_key(key));
  }
  return keys;
}

ObjectEntry read_entry(const json::value& value) {
  ObjectEntry entry;
  entry.key = safe_key(value.at("key"));
  entry.rows = value.at("rows").to_number<std::int64_t>();
  entry.bytes = value.at("bytes").to_number<std::int64_t>();
  entry.sha256 = to_text(value.at("sha256"));
  entry.digest = to_text(value.at("digest"));
  return entry;
}

Manifest read_manifest(const json::value& value) {
  Manifest manifest;
  manifest.job = to_text(value.at("job"));
  manifest.table = to_text(value.at("table"));
  manifest.run_seq = value.at("run_seq").to_number<std::int64_t>();
  manifest.full = value.at("type").as_string() == "full";
  manifest.started = parse_time(to_text(value.at("started")));
  for (const json::value& entry : value.at("objects").as_array()) {
    manifest.objects.push_back(read_entry(entry));
  }
  manifest.schema_json = json::serialize(value.at("schema"));
  manifest.from = value.at("from").is_string() ? to_text(value.at("from")) : "";
  manifest.to = value.at("to").is_string() ? to_text(value.at("to")) : "";
  manifest.format = to_text(value.at("format"));
  for (const json::value& entry : value.at("superseded").as_array()) {
    manifest.superseded.push_back({entry.at("run_seq").to_number<std::int64_t>(),
                                   safe_keys(entry.at("objects")),
                                   safe_keys(entry.at("manifests"))});
  }
  return manifest;
}

}  // namespace

std::string schema_to_json(const Schema& schema, ChangeColumns change_columns) {
  json::array columns;
  for (const Column& column : schema.columns) {
    if (is_written(column, change_columns)) {
      columns.push_back(json::object{
          {"name", column.name}, {"type", to_string(column.type)}, {"nullable", column.nullable}});
    }
  }
  if (change_columns == ChangeColumns::yes) {
    columns.push_back(
        json::object{{"name", kOperationColumn}, {"type", "text"}, {"nullable", false}});
    columns.push_back(
        json::object{{"name", kSequenceColumn}, {"type", "bigint"}, {"nullable", false}});
  }
  return json::serialize(columns);
}

std::string encode_manifest(const Manifest& manifest) {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::vector<std::string> objects;
  for (const ObjectEntry& entry : manifest.objects) {
    rows += entry.rows;
    bytes += entry.bytes;
    objects.push_back(
        fmt::format(R"({{"key": {}, "rows": {}, "bytes": {}, "sha256": "{}", "digest": "{}"}})",
                    quoted(entry.key), entry.rows, entry.bytes, entry.sha256, entry.digest));
  }
  std::vector<std::string> superseded;
  for (const Generation& generation : manifest.superseded) {
    superseded.push_back(fmt::format(R"({{"run_seq": {}, "objects": [{}], "manifests": [{}]}})",
                                     generation.run_seq, quote_all(generation.objects),
                                     quote_all(generation.manifests)));
  }
  const std::vector<std::string> members = {
      fmt::format(R"("job": {})", quoted(manifest.job)),
      fmt::format(R"("table": {})", quoted(manifest.table)),
      fmt::format(R"("run_seq": {})", manifest.run_seq),
      fmt::format(R"("type": "{}")", manifest.full ? "full" : "incremental"),
      fmt::format(R"("started": "{}")", time_text(manifest.started)),
      fmt::format(R"("objects": [{}])", join(objects, "    ")),
      fmt::format(R"("rows": {})", rows),
      fmt::format(R"("bytes": {})", bytes),
      fmt::format(R"("format": {})", quoted(manifest.format)),
      fmt::format(R"("schema": {})", manifest.schema_json.empty() ? "null" : manifest.schema_json),
      fmt::format(R"("from": {})", text_or_null(manifest.from)),
      fmt::format(R"("to": {})", text_or_null(manifest.to)),
      fmt::format(R"("superseded": [{}])", join(superseded, "    ")),
  };
  return fmt::format("{{{}\n}}\n", join(members, "  "));
}

std::optional<Manifest> decode_manifest(std::string_view text) {
  try {
    return read_manifest(json::parse(json::string_view(text.data(), text.size())));
  } catch (const std::exception&) {
    // Whoever reads it decides what a text means that is not ours.
    return std::nullopt;
  }
}

std::string numbered_manifest_name(std::int64_t run_seq) {
  return fmt::format("{}{:06}{}", kPrefix, run_seq, kSuffix);
}

std::optional<std::int64_t> parse_manifest_number(std::string_view name) {
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  name.remove_prefix(kPrefix.size());
  name.remove_suffix(std::min(name.size(), kSuffix.size()));
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc() || end != name.data() + name.size() || number < 1) {
    return std::nullopt;
  }
  return number;
}

}  // namespace rowferry
