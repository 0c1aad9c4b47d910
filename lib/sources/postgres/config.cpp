#include "sources/postgres/config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/duration.hpp"
#include "base/time_zone.hpp"
#include "config/cron_schedule.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "connections/postgres/table_name.hpp"
#include "sources/postgres/postgres_source.hpp"

namespace rowferry::postgres {
namespace {

using config::Node;
using std::chrono::milliseconds;

constexpr std::size_t kParallelMax = 64;
constexpr std::int64_t kChunkMax = 1'000'000'000;
// The server sends no row beyond this.
constexpr std::size_t kRowBytesMax = 1u << 30;

LateCommits late_commits_of(const Node& source) {
  const std::string word = source.word("late_commits", {"exact", "overlap", "off"});
  if (word == "off") {
    return LateCommits::off;
  }
  return word == "overlap" ? LateCommits::overlap : LateCommits::exact;
}

ReadOrder read_order_of(const Node& source) {
  const std::string word = source.word("read_order", {"auto", "key", "ctid"});
  if (word == "key") {
    return ReadOrder::key;
  }
  return word == "ctid" ? ReadOrder::ctid : ReadOrder::automatic;
}

// Names of columns, each once.
std::vector<std::string> names_of(const Node& source, std::string_view key) {
  std::set<std::string> known;
  for (const Node& item : source.at(key).items()) {
    if (item.is_scalar() && !known.insert(item.scalar()).second) {
      item.problem("", fmt::format("names {} twice", item.scalar()));
    }
  }
  return source.texts(key);
}

// The operator's own SQL without spaces around it; it becomes a part of statements of ours.
std::string sql_of(const Node& source, std::string_view key) {
  const std::string text = source.text(key);
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const std::size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  std::string sql = text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
  if (sql.ends_with(';')) {
    source.problem(key, "must not end with a semicolon");
  }
  return sql;
}

// The first word in lower case, `(` or a comment's sign; empty when it is neither.
std::string first_word(const std::string& sql) {
  std::string word;
  for (const char character : sql) {
    const bool is_upper = character >= 'A' && character <= 'Z';
    const bool is_lower = character >= 'a' && character <= 'z';
    if (!is_upper && !is_lower) {
      break;
    }
    word += is_upper ? static_cast<char>(character - 'A' + 'a') : character;
  }
  return word.empty() ? sql.substr(0, 1) : word;
}

std::string query_of(const Node& source) {
  std::string query = sql_of(source, "query");
  const std::string word = first_word(query);
  // What may stand within FROM ( ), perhaps behind a comment.
  const bool is_readable = word == "select" || word == "with" || word == "values" ||
                           word == "table" || word == "(" || word == "-" || word == "/";
  if (source.given("query") && !is_readable) {
    source.problem("query", "must be a SELECT");
  }
  return query;
}

std::string where_of(const Node& source) {
  std::string where = sql_of(source, "where");
  if (first_word(where) == "where") {
    source.problem("where", "must be the condition alone, without the word WHERE");
  }
  return where;
}

// Exactly one of them, unless what is given instead is refused as not built yet.
void check_what_is_read(const Node& source, const SourceSettings& settings) {
  const bool is_later = source.given("tables") || source.given("document");
  if (source.given("table") == source.given("query") && !is_later) {
    source.problem("", "give exactly one of table and query");
  }
  const std::string wrong_name =
      settings.table.empty() ? std::string() : connections::table_name_problem(settings.table);
  if (!wrong_name.empty()) {
    source.problem("table", wrong_name);
  }
  const bool is_query = source.given("query") && !source.given("table");
  if (is_query && !source.given("key") && source.given("cursor")) {
    source.problem("key",
                   "is missing: a query has no primary key; name the columns that identify "
                   "a row, like [id]");
  }
}

void read_what(const Node& source, SourceSettings& settings) {
  settings.table = source.text("table");
  settings.query = query_of(source);
  check_what_is_read(source, settings);
  settings.columns = names_of(source, "columns");
  settings.where = where_of(source);
  settings.key = names_of(source, "key");
  settings.cursor = source.text("cursor");
  if (source.given("deleted")) {
    const Node deleted = source.at("deleted");
    settings.deleted_column = deleted.required_text("column");
    deleted.finish();
  }
}

// Whether the cursor is one without time zone only the server knows.
std::string cursor_timezone_of(const Node& source) {
  std::string zone = source.text("cursor_timezone");
  if (zone.empty()) {
    return zone;
  }
  if (!is_time_zone(zone)) {
    source.problem("cursor_timezone",
                   fmt::format("'{}' is no time zone such as Europe/Berlin", zone));
  }
  if (!source.given("cursor")) {
    source.problem("cursor_timezone", "needs a cursor");
  }
  return zone;
}

void read_how(const Node& source, SourceSettings& settings) {
  settings.late_commits = late_commits_of(source);
  settings.read_order = read_order_of(source);
  settings.overlap = source.duration("overlap", settings.overlap, milliseconds(1));
  settings.stamp_slack = source.duration("stamp_slack", settings.stamp_slack);
  settings.cursor_timezone = cursor_timezone_of(source);
  settings.chunk_rows = static_cast<std::size_t>(
      source.integer("chunk_rows", static_cast<std::int64_t>(settings.chunk_rows), 1, kChunkMax));
  settings.parallel = static_cast<std::size_t>(source.integer("parallel", 1, 1, kParallelMax));
  settings.row_bytes_max = source.size("row_bytes_max", settings.row_bytes_max);
  if (settings.row_bytes_max > kRowBytesMax) {
    source.problem("row_bytes_max",
                   fmt::format("must be a size of at most {}", format_size(kRowBytesMax)));
  }
  if (settings.read_order == ReadOrder::key && settings.parallel > 1) {
    source.problem("parallel", "with read_order: key there is one reader");
  }
  if (!settings.query.empty() && settings.parallel > 1) {
    source.problem("parallel", "a query is read by one reader");
  }
  if (settings.read_order == ReadOrder::ctid && !settings.query.empty()) {
    source.problem("read_order", "a query has no ctid: use key");
  }
}

void read_mode(const Node& source, const SourceSettings& settings) {
  const std::string fallback = settings.cursor.empty() ? "full" : "incremental";
  source.not_built_value("mode", "partitions");
  const std::string mode = source.word("mode", {"full", "incremental", "partitions"}, fallback);
  if (mode == "incremental" && settings.cursor.empty()) {
    source.problem("mode", "incremental needs a cursor");
  }
}

std::vector<std::string> name_or_names(const Node& node, std::string_view key) {
  return node.at(key).is_scalar() ? std::vector<std::string>{node.text(key)} : names_of(node, key);
}

void read_tombstones(const Node& source, SourceSettings& settings) {
  if (!source.given("tombstones")) {
    return;
  }
  const Node node = source.at("tombstones");
  if (!node.is_map()) {
    source.problem("tombstones", "must be a map of table, key and deleted_at");
    return;
  }
  const bool is_given = node.given("table") || node.given("key") || node.given("deleted_at");
  if (!is_given) {
    return;
  }
  TombstoneSettings tombstones;
  tombstones.table = node.required_text("table");
  tombstones.key = name_or_names(node, "key");
  tombstones.deleted_at = node.required_text("deleted_at");
  const std::string wrong_name =
      tombstones.table.empty() ? std::string() : connections::table_name_problem(tombstones.table);
  if (!wrong_name.empty()) {
    node.problem("table", wrong_name);
  }
  if (settings.cursor.empty() || source.text("mode") == "full") {
    source.problem("tombstones",
                   "are polled beside a cursor, and there is none: each run reads every row");
  }
  if (!settings.key.empty() && !tombstones.key.empty() &&
      settings.key.size() != tombstones.key.size()) {
    node.problem("key", fmt::format("must name {} columns, one for each of source.key",
                                    settings.key.size()));
  }
  settings.tombstones = std::move(tombstones);
}

std::optional<Schedule> sweep_of(const Node& source, const SourceSettings& settings) {
  const Node sweep = source.at("sweep");
  if (!source.given("sweep")) {
    return std::nullopt;
  }
  if (settings.cursor.empty()) {
    source.problem("sweep",
                   "finds rows whose cursor was never moved: it needs a cursor; without one, each "
                   "run reads every row");
  }
  if (!sweep.is_map()) {
    source.problem("sweep", "must be a map such as {cron: \"0 4 * * 0\"}");
    return std::nullopt;
  }
  if (sweep.given("cron")) {
    return config::parse_cron_schedule(sweep);
  }
  std::ignore = config::parse_time_zone(sweep);
  return std::nullopt;
}

void refuse_later_keys(const Node& source) {
  for (const std::string_view key :
       {"tables", "exclude", "document", "rename", "names", "compare", "cursor_format",
        "partitions", "run_rows", "max_rows_per_second", "max_active_backends"}) {
    source.not_built(key);
  }
  source.not_built_value("on_new_column", "ignore");
  source.not_built_value("on_new_column", "fail");
  std::ignore = source.word("on_new_column", {"add", "ignore", "fail"});
  source.not_built_value("on_type_change", "rebuild");
  std::ignore = source.word("on_type_change", {"fail", "rebuild"});
  if (source.duration("pause", milliseconds(0)) > milliseconds(0)) {
    source.problem("pause", "not built yet");
  }
}

std::string definition_of(const SourceSettings& settings) {
  return fmt::format("table={}\nquery={}\ncolumns={}\nwhere={}\nkey={}\ndeleted={}", settings.table,
                     settings.query, fmt::join(settings.columns, ","), settings.where,
                     fmt::join(settings.key, ","), settings.deleted_column);
}

}  // namespace

config::ParsedSource parse_postgres_source(const JobSettings& job, const Node& source) {
  SourceSettings settings;
  settings.job = job.name;
  read_what(source, settings);
  read_how(source, settings);
  read_mode(source, settings);
  read_tombstones(source, settings);
  refuse_later_keys(source);
  // `mode: full` with a cursor copies everything each run.
  if (source.text("mode") == "full") {
    settings.cursor.clear();
  }
  config::ParsedSource parsed;
  parsed.sweep = sweep_of(source, settings);
  settings.sweeps = source.given("sweep");
  parsed.text = settings.name();
  parsed.table =
      settings.table.empty() ? settings.job : connections::unqualified_name(settings.table);
  parsed.definition = definition_of(settings);
  parsed.has_cursor = !settings.cursor.empty();
  parsed.removes_rows = !settings.deleted_column.empty() || settings.tombstones.has_value();
  parsed.make = [settings](std::shared_ptr<Connection> connection, const Runtime& runtime) {
    auto server = std::dynamic_pointer_cast<connections::PostgresConnection>(connection);
    return std::make_unique<PostgresSource>(settings, std::move(server), runtime);
  };
  return parsed;
}

}  // namespace rowferry::postgres
