#include "objects/object_settings.hpp"

#include <fmt/format.h>

#include <string>

#include "base/error.hpp"

namespace rowferry {
namespace {

using config::Node;
using Field = KeyTemplate::Field;

constexpr std::size_t kObjectBytesMin = 1024;
constexpr std::int64_t kOpenObjectsMax = 1000;

/// The one character that a key gives.
char character(const Node& csv, std::string_view key, char fallback) {
  const std::string text = csv.text(key, std::string_view(&fallback, 1));
  const bool usable = text.size() == 1 && text[0] != '\n' && text[0] != '\r' &&
                      static_cast<unsigned char>(text[0]) < 0x80;
  if (!usable) {
    csv.problem(key, "must be one ASCII character, and no line end");
    return fallback;
  }
  return text[0];
}

/// NULL is written as it is, never in quotes: that sets it apart from a text that reads the same.
void check_null_text(const Node& csv, const CsvDialect& dialect) {
  const std::string_view null = dialect.null_text;
  const std::string special = {dialect.delimiter, dialect.quote, '\r', '\n'};
  const std::size_t at = null.find_first_of(special);
  if (at == std::string_view::npos) {
    return;
  }
  const char character = null[at];
  const std::string_view what = character == dialect.delimiter ? "the delimiter"
                                : character == dialect.quote   ? "the quote"
                                                               : "a line end";
  csv.problem("null", fmt::format("must not hold {}: a reader would take it for something else "
                                  "than one value",
                                  what));
}

void parse_csv(const Node& csv, ObjectSettings& settings) {
  if (csv.empty()) {
    return;
  }
  settings.csv_header = csv.boolean("header", true);
  settings.csv.delimiter = character(csv, "delimiter", ',');
  settings.csv.quote = character(csv, "quote", '"');
  settings.csv.null_text = csv.text("null");
  settings.csv.line_end = csv.text("line_end", "\n");
  if (settings.csv.line_end != "\n" && settings.csv.line_end != "\r\n") {
    csv.problem("line_end", R"(must be "\n" or "\r\n")");
  }
  if (settings.csv.delimiter == settings.csv.quote) {
    csv.problem("quote", "must differ from the delimiter");
  }
  check_null_text(csv, settings.csv);
  csv.finish();
}

ObjectFormat parse_format(const Node& sink) {
  const std::string word = sink.word("format", {"ndjson", "csv", "parquet"});
  if (word == "parquet") {
    sink.not_built_value("format", word);
  }
  return word == "csv" ? ObjectFormat::csv : ObjectFormat::ndjson;
}

void parse_compression(const Node& sink) {
  const std::string word = sink.word("compression", {"none", "gzip", "zstd", "snappy"});
  if (word != "none" && !word.empty()) {
    sink.not_built_value("compression", word);
  }
}

void check_key(const JobSettings& job, const Node& sink, const ObjectSettings& settings) {
  const KeyTemplate& key = settings.key;
  if (key.has(Field::window)) {
    sink.problem("key", std::string(config::kNotBuilt));
  }
  if (job.incremental && !key.has(Field::run_seq)) {
    sink.problem("key",
                 "needs {run_seq}, as in {run_seq:06}: each run of a job with a cursor adds "
                 "objects");
  }
  if (!key.columns().empty() && !key.has(Field::part)) {
    sink.problem("key",
                 "needs {part}, as in {part:04}: with {column:..} a run writes several "
                 "objects");
  }
  if (job.incremental && job.removes_rows && settings.change_columns == ChangeColumns::no) {
    sink.problem("change_columns",
                 "must be true: the source sends removals, which only the column _op can tell");
  }
}

KeyTemplate parse_key(const Node& sink, const std::string& fallback) {
  try {
    return KeyTemplate::parse(sink.text("key", fallback));
  } catch (const Error& error) {
    sink.problem("key", error.what());
    return KeyTemplate::parse(fallback);
  }
}

}  // namespace

std::string_view to_string(ObjectFormat format) {
  return format == ObjectFormat::csv ? "csv" : "ndjson";
}

ObjectSettings parse_object_settings(const JobSettings& job, const Node& sink) {
  ObjectSettings settings;
  settings.format = parse_format(sink);
  parse_compression(sink);
  parse_csv(sink.at("csv"), settings);
  const bool changes = sink.boolean("change_columns", false);
  settings.change_columns = changes ? ChangeColumns::yes : ChangeColumns::no;
  settings.object_bytes = sink.size("object_bytes", settings.object_bytes, kObjectBytesMin);
  settings.open_objects =
      static_cast<std::size_t>(sink.integer("open_objects", 8, 1, kOpenObjectsMax));
  settings.manifest = sink.boolean("manifest", true);
  settings.change_log = job.incremental;
  settings.key = parse_key(
      sink, fmt::format("{{job}}/{{run_seq:06}}/part-{{part:04}}.{}", to_string(settings.format)));
  check_key(job, sink, settings);
  return settings;
}

}  // namespace rowferry
