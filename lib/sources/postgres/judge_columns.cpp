// What is right and wrong about the columns of a job: names, key, cursor, privileges.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/duration.hpp"
#include "config/nearest_word.hpp"
#include "pq/quote.hpp"
#include "sources/postgres/judgement.hpp"

namespace rowferry::postgres {
namespace {

using Names = std::vector<std::string>;

std::string joined(const Names& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string quoted(const Names& names) {
  Names quoted;
  for (const std::string& name : names) {
    quoted.push_back(pq::quote_identifier(name));
  }
  return joined(quoted);
}

Names column_names(const Table& table) {
  Names names;
  for (const TableColumn& column : table.columns) {
    names.push_back(column.name);
  }
  return names;
}

bool has_all(const Table& table, const Names& names) {
  return std::ranges::all_of(
      names, [&table](const std::string& name) { return table.find(name) != nullptr; });
}

// The present moment, as a value of the cursor's type.
std::string now_for(const TableColumn& cursor, const SourceSettings& settings) {
  switch (cursor.type.element) {
    case ColumnType::timestamp:
      return "now() AT TIME ZONE " + pq::quote_literal(stamp_zone(settings));
    case ColumnType::date:
      return "current_date";
    default:
      return "now()";
  }
}

// Whether some unique index has no other columns than the key.
bool is_unique_key(const Judged& judged, const Names& key) {
  return std::ranges::any_of(judged.facts.indexes, [&](const IndexFacts& index) {
    return index.relation == judged.table.oid && index.is_unique && index.is_valid &&
           !index.is_partial && std::ranges::all_of(index.columns, [&key](const std::string& name) {
             return std::ranges::find(key, name) != key.end();
           });
  });
}

Finding judge_uniqueness(const Judged& judged, const Names& key) {
  const Table& table = judged.table;
  if (!is_unique_key(judged, key)) {
    const std::string_view concurrently = table.kind == "partitioned table" ? "" : " CONCURRENTLY";
    return {
        Severity::warning,
        fmt::format("no unique index says that no two rows share the key {}: rows that do "
                    "overwrite one another",
                    joined(key)),
        fmt::format("CREATE UNIQUE INDEX{} ON {} ({});", concurrently, table.from, quoted(key))};
  }
  if (table.kind == "table" && table.leaves.size() > 1) {
    return {Severity::warning,
            fmt::format("the key {} is unique in the table and in each of its children at best, "
                        "not among them",
                        joined(key)),
            "see that no two of them share a key, or make a job for each child"};
  }
  return {Severity::ok, fmt::format("key {}: unique", joined(key)), ""};
}

Finding judge_no_key(const SourceSettings& settings) {
  if (settings.cursor.empty()) {
    return {Severity::ok, "no key: rows have no identity", ""};
  }
  return {Severity::wrong,
          fmt::format("{} has no primary key, and changes need one", settings.name()),
          "name the columns that identify a row in source.key"};
}

void judge_key(const Judged& judged, std::vector<Finding>& findings) {
  const Table& table = judged.table;
  const Names& key = key_of(table, judged.settings);
  if (key.empty()) {
    findings.push_back(judge_no_key(judged.settings));
    return;
  }
  if (!has_all(table, key)) {
    return;
  }
  if (!has_indexes(table)) {
    findings.push_back(
        {Severity::ok,
         fmt::format("key {}, taken on trust: a {} has no indexes", joined(key), table.kind), ""});
    return;
  }
  findings.push_back(judge_uniqueness(judged, key));
  for (const std::string& name : key) {
    if (table.at(name).nullable && is_table(table)) {
      findings.push_back(
          {Severity::warning,
           fmt::format("key column {} may be NULL, and nothing tells such rows apart", name),
           fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;", table.from,
                       pq::quote_identifier(name))});
    }
  }
}

Finding judge_zone(const Judged& judged, const TableColumn& cursor) {
  const std::string& zone = judged.settings.cursor_timezone;
  if (cursor.type.element == ColumnType::timestamptz) {
    return {Severity::wrong,
            fmt::format("cursor {} is {}, and source.cursor_timezone is for cursors without a zone",
                        cursor.name, cursor.source_type),
            "take source.cursor_timezone out"};
  }
  if (!zone.empty()) {
    return {Severity::ok,
            fmt::format("cursor {} is {}, read as the time of {}", cursor.name, cursor.source_type,
                        zone),
            ""};
  }
  const std::string text = fmt::format(
      "cursor {} is {}, and source.cursor_timezone does not say "
      "in which time zone",
      cursor.name, cursor.source_type);
  return {Severity::warning, text + "; each poll looks back 26 hours further",
          fmt::format("ALTER TABLE {} ALTER COLUMN {} TYPE timestamptz "
                      "USING {}::timestamp AT TIME ZONE 'UTC';",
                      judged.table.from, pq::quote_identifier(cursor.name),
                      pq::quote_identifier(cursor.name))};
}

void judge_cursor(const Judged& judged, std::vector<Finding>& findings) {
  const auto& [table, settings, facts] = judged;
  const TableColumn* cursor = settings.cursor.empty() ? nullptr : table.find(settings.cursor);
  if (cursor == nullptr) {
    return;
  }
  if (!is_time(cursor->type)) {
    findings.push_back(
        {Severity::wrong,
         fmt::format("cursor {} is {}, and no time", cursor->name, cursor->source_type),
         "name a timestamp or date column in source.cursor that every change moves "
         "forward"});
    return;
  }
  const bool has_zone = cursor->type.element == ColumnType::timestamptz;
  if (!has_zone || !settings.cursor_timezone.empty()) {
    findings.push_back(judge_zone(judged, *cursor));
  }
  if (cursor->nullable && is_table(table)) {
    const std::string name = pq::quote_identifier(cursor->name);
    findings.push_back(
        {Severity::warning,
         fmt::format("cursor {} may be NULL: each poll looks for such rows apart", cursor->name),
         fmt::format("UPDATE {0} SET {1} = {2} WHERE {1} IS NULL; ALTER TABLE {0} ALTER COLUMN {1} "
                     "SET DEFAULT ({2}), ALTER COLUMN {1} SET NOT NULL;",
                     table.from, name, now_for(*cursor, settings))});
  }
  const ColumnFacts* column = facts.find(cursor->name);
  if (column != nullptr && column->is_generated) {
    findings.push_back(
        {Severity::warning,
         fmt::format("cursor {} is generated from other columns: a change that leaves them as they "
                     "are is not seen",
                     cursor->name),
         "name a column in source.cursor that is stamped on every change"});
  } else if (cursor->type.element == ColumnType::timestamptz && !cursor->nullable) {
    findings.push_back({Severity::ok,
                        fmt::format("cursor {}: {}, not null", cursor->name, cursor->source_type),
                        ""});
  }
}

// What is read, each column once.
Names columns_read(const Judged& judged) {
  const auto& [table, settings, facts] = judged;
  std::set<std::string> names(settings.columns.begin(), settings.columns.end());
  if (settings.columns.empty()) {
    const Names all = column_names(table);
    names.insert(all.begin(), all.end());
  }
  const Names& key = key_of(table, settings);
  names.insert(key.begin(), key.end());
  for (const std::string& name : {settings.cursor, settings.deleted_column}) {
    if (!name.empty()) {
      names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

std::string leaf_names(const Table& table) {
  Names names;
  for (const Leaf& leaf : table.leaves) {
    names.push_back(leaf.name);
  }
  return joined(names);
}

}  // namespace

std::string stamp_zone(const SourceSettings& settings) {
  return settings.cursor_timezone.empty() ? "UTC" : settings.cursor_timezone;
}

const std::vector<std::string>& key_of(const Table& table, const SourceSettings& settings) {
  return settings.key.empty() ? table.key : settings.key;
}

bool is_table(const Table& table) {
  return table.kind == "table" || table.kind == "partitioned table";
}

bool is_time(const Type& type) {
  return !type.is_array &&
         (type.element == ColumnType::timestamptz || type.element == ColumnType::timestamp ||
          type.element == ColumnType::date);
}

bool has_indexes(const Table& table) {
  return is_table(table) || table.kind == "materialized view";
}

std::vector<Finding> judge_names(const Judged& judged) {
  const auto& [table, settings, facts] = judged;
  std::vector<Finding> findings;
  const Names known = column_names(table);
  const auto check = [&](const std::string& name, std::string_view place) {
    if (name.empty() || table.find(name) != nullptr) {
      return;
    }
    const std::string nearest = config::nearest_word(name, known);
    findings.push_back({Severity::wrong,
                        fmt::format("{} has no column {} (source.{}); it has: {}", settings.name(),
                                    name, place, joined(known)),
                        nearest.empty()
                            ? fmt::format("name another column in source.{}", place)
                            : fmt::format("did you mean {}? correct source.{}", nearest, place)});
  };
  for (const std::string& name : settings.columns) {
    check(name, "columns");
  }
  for (const std::string& name : settings.key) {
    check(name, "key");
  }
  check(settings.cursor, "cursor");
  check(settings.deleted_column, "deleted.column");
  return findings;
}

std::vector<Finding> judge_columns(const Judged& judged) {
  std::vector<Finding> findings;
  judge_key(judged, findings);
  judge_cursor(judged, findings);
  return findings;
}

std::vector<Finding> judge_privileges(const Judged& judged) {
  const auto& [table, settings, facts] = judged;
  std::vector<Finding> findings;
  Names unreadable;
  for (const std::string& name : columns_read(judged)) {
    const ColumnFacts* column = facts.find(name);
    if (column != nullptr && !column->is_readable) {
      unreadable.push_back(name);
    }
  }
  // The transaction ids of rows are columns, too, which only a grant on the whole table opens.
  const bool needs_all = table.is_heap && is_table(table);
  const std::string grant =
      fmt::format("GRANT SELECT ON {} TO {};", table.from, pq::quote_identifier(facts.user));
  if (!unreadable.empty()) {
    findings.push_back(
        {Severity::refused,
         fmt::format("{} may not read {}: {}", facts.user, settings.name(), joined(unreadable)),
         grant});
  } else if (!facts.is_readable && needs_all) {
    findings.push_back(
        {Severity::refused,
         fmt::format("{} may read some columns of {} only, not the transaction id and place of its "
                     "rows",
                     facts.user, settings.name()),
         grant});
  } else if (table.oid != 0) {
    findings.push_back({Severity::ok, fmt::format("{} may read it", facts.user), ""});
  }
  if (!table.leaves_are_readable && facts.is_readable) {
    findings.push_back(
        {Severity::warning,
         "not every partition may be read by its own name: first copies go in key order, which "
         "takes longer",
         fmt::format("GRANT SELECT ON {} TO {};", leaf_names(table),
                     pq::quote_identifier(facts.user))});
  }
  if (facts.hides_rows) {
    findings.push_back(
        {Severity::warning,
         fmt::format("row level security hides rows of {} from {}", settings.name(), facts.user),
         fmt::format("ALTER ROLE {} BYPASSRLS;", pq::quote_identifier(facts.user))});
  }
  return findings;
}

Finding judge_late_commits(const Judged& judged, Mode mode) {
  const auto& [table, settings, facts] = judged;
  if (mode == Mode::exact) {
    return {Severity::ok,
            facts.is_standby ? "late commits: exact, by the transactions of the standby's primary"
                             : "late commits: exact",
            ""};
  }
  if (mode == Mode::off) {
    return {Severity::warning,
            "late commits: off: a row that is committed with an older stamp than the last one seen "
            "is lost",
            "set source.late_commits to exact"};
  }
  const std::string by_overlap = fmt::format(
      "late commits: by overlap only: rows that are "
      "committed more than {} after their stamp are lost",
      format_duration(settings.overlap));
  if (settings.late_commits == LateCommits::overlap) {
    return {Severity::ok, by_overlap + " (source.late_commits: overlap)", ""};
  }
  if (!table.is_heap) {
    return {Severity::warning,
            fmt::format("{} (a {} has no transaction ids)", by_overlap, table.kind),
            "read the table itself, or set source.overlap to the longest transaction there is"};
  }
  if (facts.is_standby) {
    return {Severity::warning, by_overlap + " (the server is a standby)",
            "set replica_of of the connection to a connection of its primary, or let the dsn name "
            "the primary"};
  }
  if (!facts.reads_all_stats) {
    return {Severity::warning,
            fmt::format("{} ({} lacks pg_read_all_stats)", by_overlap, facts.user),
            fmt::format("GRANT pg_read_all_stats TO {};", pq::quote_identifier(facts.user))};
  }
  return {Severity::warning, by_overlap + " (some sessions do not say what they do)",
          "ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();"};
}

}  // namespace rowferry::postgres
