#include "sinks/postgres/statements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pq/quote.hpp"

namespace rowferry::postgres_sink {
namespace {

std::string staged(std::size_t place) { return fmt::format("c{}", place); }

// The cell of a staged row as the target's column wants it.
std::string value(const WritePlan& plan, std::size_t place) {
  const WrittenColumn& column = plan.columns[place];
  return column.is_direct ? "s." + staged(place)
                          : fmt::format("s.{}::{}", staged(place), column.target_type);
}

std::string target_names(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const WrittenColumn& column : plan.columns) {
    names.push_back(pq::quote_identifier(column.name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string values(const WritePlan& plan) {
  std::vector<std::string> list;
  for (std::size_t place = 0; place < plan.columns.size(); ++place) {
    list.push_back(value(plan, place));
  }
  return fmt::format("{}", fmt::join(list, ", "));
}

// The last row of each key. Equal is what the server takes for equal, which may be more than bytes.
std::string last_of_each_key(const WritePlan& plan) {
  std::vector<std::string> key;
  for (const std::size_t place : plan.key) {
    key.push_back(value(plan, place));
  }
  return fmt::format("(SELECT DISTINCT ON ({0}) s.* FROM {1} AS s ORDER BY {0}, s.place DESC)",
                     fmt::join(key, ", "), kStaging);
}

std::string key_names(const WritePlan& plan) {
  std::vector<std::string> names;
  for (const std::size_t place : plan.key) {
    names.push_back(pq::quote_identifier(plan.columns[place].name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string insert_head(const WritePlan& plan) {
  return fmt::format("INSERT INTO {} AS t ({}) {}SELECT {}", plan.target, target_names(plan),
                     plan.has_identity ? "OVERRIDING SYSTEM VALUE " : "", values(plan));
}

// Images are compared, not values: 1.0 and 1.00 are equal, and json has no equality at all.
std::string on_conflict(const WritePlan& plan) {
  std::vector<std::string> changes;
  std::vector<std::string> before;
  std::vector<std::string> after;
  for (const WrittenColumn& column : plan.columns) {
    if (column.is_updated) {
      const std::string name = pq::quote_identifier(column.name);
      changes.push_back(fmt::format("{0} = excluded.{0}", name));
      before.push_back("t." + name);
      after.push_back("excluded." + name);
    }
  }
  if (changes.empty()) {
    return "DO NOTHING";
  }
  return fmt::format("DO UPDATE SET {} WHERE ROW({})::record *<> ROW({})::record",
                     fmt::join(changes, ", "), fmt::join(before, ", "), fmt::join(after, ", "));
}

}  // namespace

std::string staging_sql(const WritePlan& plan) {
  std::string columns;
  for (std::size_t place = 0; place < plan.columns.size(); ++place) {
    columns += fmt::format(", {} {}", staged(place), plan.columns[place].cell_type);
  }
  return fmt::format(
      "DROP TABLE IF EXISTS {0};"
      "CREATE TEMPORARY TABLE rowferry_staging (place integer, is_removal boolean{1}) "
      "ON COMMIT DELETE ROWS",
      kStaging, columns);
}

std::string copy_to_staging_sql() {
  return fmt::format("COPY {} FROM STDIN (FORMAT binary)", kStaging);
}

std::string copy_to_target_sql(const WritePlan& plan) {
  return fmt::format("COPY {} ({}) FROM STDIN (FORMAT binary)", plan.target, target_names(plan));
}

std::string upsert_sql(const WritePlan& plan) {
  return fmt::format("{} FROM {} AS s WHERE NOT s.is_removal ON CONFLICT ({}) {}",
                     insert_head(plan), last_of_each_key(plan), key_names(plan), on_conflict(plan));
}

std::string append_sql(const WritePlan& plan) {
  return fmt::format("{} FROM {} AS s", insert_head(plan), kStaging);
}

std::string remove_sql(const WritePlan& plan) {
  std::vector<std::string> joined;
  for (const std::size_t place : plan.key) {
    joined.push_back(fmt::format("t.{} = {}", pq::quote_identifier(plan.columns[place].name),
                                 value(plan, place)));
  }
  return fmt::format("DELETE FROM {} AS t USING {} AS s WHERE s.is_removal AND {}", plan.target,
                     last_of_each_key(plan), fmt::join(joined, " AND "));
}

std::string clone_sql(const TargetTable& target) {
  return fmt::format("CREATE TEMPORARY TABLE rowferry_copy (LIKE {} INCLUDING ALL) ON COMMIT DROP",
                     target.sql);
}

// TRUNCATE does not ask the rows that refer to this table, and is refused where there may be some.
std::string replace_sql(const TargetTable& target, const WritePlan& plan) {
  const std::string emptying = target.is_referenced
                                   ? "SET CONSTRAINTS ALL DEFERRED; DELETE FROM " + target.sql
                                   : "TRUNCATE " + target.sql;
  const std::string names = target_names(plan);
  return fmt::format("{}; INSERT INTO {} ({}) {}SELECT {} FROM {}", emptying, target.sql, names,
                     plan.has_identity ? "OVERRIDING SYSTEM VALUE " : "", names, kClone);
}

std::string create_table_sql(const QualifiedName& name, const Schema& schema,
                             const std::vector<std::string>& types) {
  std::vector<std::string> lines;
  for (std::size_t index = 0; index < schema.columns.size(); ++index) {
    const Column& column = schema.columns[index];
    if (!column.identity_only) {
      lines.push_back(fmt::format("{} {}{}", pq::quote_identifier(column.name), types[index],
                                  column.nullable ? "" : " NOT NULL"));
    }
  }
  std::vector<std::string> key;
  bool has_whole_key = !schema.key.empty();
  for (const std::size_t index : schema.key) {
    key.push_back(pq::quote_identifier(schema.columns[index].name));
    has_whole_key = has_whole_key && !schema.columns[index].identity_only;
  }
  if (has_whole_key) {
    lines.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(key, ", ")));
  }
  std::string sql;
  if (!name.schema.empty()) {
    sql = fmt::format("CREATE SCHEMA IF NOT EXISTS {};", pq::quote_identifier(name.schema));
  }
  return sql + fmt::format("CREATE TABLE IF NOT EXISTS {} ({})",
                           pq::quote_qualified(name.schema, name.name), fmt::join(lines, ", "));
}

std::string add_column_sql(const TargetTable& target, const std::string& column,
                           const std::string& type) {
  return fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}", target.sql,
                     pq::quote_identifier(column), type);
}

}  // namespace rowferry::postgres_sink
