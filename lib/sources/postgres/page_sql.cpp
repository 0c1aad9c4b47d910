#include "sources/postgres/page_sql.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres {
namespace {

using namespace std::chrono_literals;

// The widest that two time zones can be apart.
constexpr std::string_view kZones = "interval '26 hours'";
// The most that clocks are set back by at once (in Antarctica/Troll): so much earlier than the
// bound a later moment may read.
constexpr std::string_view kRepeated = "interval '2 hours'";
// A column name that no table is likely to have.
constexpr std::string_view kKept = "\"rowferry: kept\"";

std::string column(const std::string& name) { return "t." + pq::quote_identifier(name); }

// Cast to the cell's type, not the column's: a domain's own collation would clash with the
// column's.
std::string literal(const Table& table, const std::string& name, const std::string& value) {
  return fmt::format("{}::{}", pq::quote_literal(value), table.at(name).cell_type);
}

std::string order_of(const std::vector<std::string>& columns) {
  std::vector<std::string> quoted;
  for (const std::string& name : columns) {
    quoted.push_back(column(name));
  }
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::vector<std::string> cursor_and_key(const Pass& pass) {
  std::vector<std::string> columns = pass.table.key;
  columns.insert(columns.begin(), pass.settings.cursor);
  return columns;
}

// What a copy selects of `t`, each column once.
std::vector<std::string> columns_read(const Pass& pass) {
  std::vector<std::string> columns;
  for (const Column& known : pass.schema->columns) {
    columns.push_back(column(known.name));
  }
  const SourceSettings& settings = pass.settings;
  if (!settings.cursor.empty() && !pass.schema->find(settings.cursor)) {
    columns.push_back(column(settings.cursor));
  }
  const std::string& deleted = settings.deleted_column;
  if (!deleted.empty() && deleted != settings.cursor && !pass.schema->find(deleted)) {
    columns.push_back(column(deleted));
  }
  return columns;
}

// In a copy `where` is a condition, unless what it does not select shall be removed; softly deleted
// rows of a first copy were never sent.
std::string copy_condition(const Pass& pass) {
  if (!pass.condition.empty()) {
    return pass.condition;
  }
  std::vector<std::string> conditions;
  if (!pass.settings.where.empty() && !pass.removes_unselected) {
    conditions.push_back(fmt::format("({}\n)", pass.settings.where));
  }
  const std::string deleted = deleted_test(pass.table, pass.settings);
  if (!deleted.empty() && pass.context.type != RunType::full) {
    conditions.push_back("NOT " + deleted);
  }
  return conditions.empty() ? std::string() : all_of(conditions);
}

// The earliest that a clock on the application's wall may show at a moment or later: a constant, so
// that an index on the cursor serves.
std::string local_time(const SourceSettings& settings, const std::string& moment) {
  const bool is_known = !settings.cursor_timezone.empty();
  return fmt::format("(({} AT TIME ZONE {}) - {})", moment,
                     pq::quote_literal(is_known ? settings.cursor_timezone : "UTC"),
                     is_known ? kRepeated : kZones);
}

std::string keyless_test(const Table& table) {
  std::vector<std::string> tests;
  for (const std::string& name : table.nullable_key()) {
    tests.push_back(column(name) + " IS NULL");
  }
  return tests.empty() ? "false" : fmt::format("({})", fmt::join(tests, " OR "));
}

std::string keyed_test(const Table& table) {
  std::vector<std::string> tests;
  for (const std::string& name : table.nullable_key()) {
    tests.push_back(column(name) + " IS NOT NULL");
  }
  return fmt::format("{}", fmt::join(tests, " AND "));
}

// Where keys may be double a page ends behind all rows of its last one, for the next page begins
// behind the key.
std::string page_end(const Table& table, std::size_t rows) {
  return table.key_is_unique ? fmt::format("LIMIT {}", rows)
                             : fmt::format("FETCH FIRST {} ROWS WITH TIES", rows);
}

}  // namespace

Purpose copy_purpose(const Pass& pass) {
  const bool tests_rows = pass.removes_unselected || !pass.condition.empty();
  return tests_rows ? Purpose::increment : Purpose::copy;
}

void refuse_many_keyless(const Pass& pass, std::size_t rows, std::size_t page_rows) {
  if (rows < page_rows) {
    return;
  }
  throw Error(Failure::config,
              fmt::format("{} changed rows of {} or more have NULL in a key column ({}), and "
                          "nothing tells them apart: name other columns in source.key, or mend "
                          "the rows",
                          rows, pass.settings.name(), fmt::join(pass.table.nullable_key(), ", ")));
}

std::string all_of(const std::vector<std::string>& conditions) {
  std::vector<std::string> given;
  for (const std::string& condition : conditions) {
    if (!condition.empty()) {
      given.push_back(condition);
    }
  }
  return given.empty() ? "true" : fmt::format("{}", fmt::join(given, " AND "));
}

std::string time_bound(const Pass& pass, const Mark& base) {
  if (base.low.empty()) {
    return {};
  }
  const std::string name = column(pass.settings.cursor);
  if (pass.mode == Mode::off) {
    return fmt::format("{} > {}", name, literal(pass.table, pass.settings.cursor, base.low));
  }
  const SourceSettings& settings = pass.settings;
  std::chrono::milliseconds back = pass.mode == Mode::exact ? settings.stamp_slack : 0ms;
  if (pass.mode == Mode::overlap && base.xmin != 0) {
    back = std::max(settings.overlap, settings.stamp_slack);
  }
  const std::string moment = fmt::format("({}::timestamptz - interval '{} milliseconds')",
                                         pq::quote_literal(base.low), back.count());
  switch (pass.table.at(settings.cursor).type.element) {
    case ColumnType::timestamp:
      return fmt::format("{} >= {}", name, local_time(settings, moment));
    case ColumnType::date:
      return fmt::format("{} >= {}::date", name, local_time(settings, moment));
    default:
      return fmt::format("{} >= {}", name, moment);
  }
}

std::string bound_with_nulls(const Pass& pass, const std::string& bound) {
  if (bound.empty() || !pass.table.at(pass.settings.cursor).nullable) {
    return bound;
  }
  return fmt::format("({} OR {} IS NULL)", bound, column(pass.settings.cursor));
}

std::string transaction_filter(const Mark& base, bool all) {
  if (all || base.xmin == 0) {
    return {};
  }
  const auto raw = [](FullXid xid) { return static_cast<std::uint32_t>(xid & 0xffffffffu); };
  std::string filter = fmt::format("age(t.xmin) <= age('{}'::xid)", raw(base.xmin));
  if (!base.seen.empty()) {
    std::vector<std::uint32_t> seen;
    for (const FullXid xid : base.seen) {
      seen.push_back(raw(xid));
    }
    // Hashed once; the other forms compare each row with each id.
    filter +=
        fmt::format(" AND t.xmin NOT IN (SELECT unnest('{{{}}}'::xid[]))", fmt::join(seen, ","));
  }
  return "(" + filter + ")";
}

std::string behind(const Table& table, const std::vector<std::string>& columns,
                   const std::vector<std::string>& values) {
  std::vector<std::string> names;
  std::vector<std::string> literals;
  for (std::size_t index = 0; index < columns.size(); ++index) {
    names.push_back(column(columns[index]));
    literals.push_back(literal(table, columns[index], values[index]));
  }
  return fmt::format("({}) > ({})", fmt::join(names, ", "), fmt::join(literals, ", "));
}

std::string page_select(const Pass& pass, const Projection& projection, const std::string& filter,
                        const PageProgress& progress, std::size_t rows) {
  if (progress.keyless) {
    return fmt::format("SELECT {} FROM {} AS t WHERE {} LIMIT {}", projection.select,
                       pass.table.from, all_of({keyless_test(pass.table), filter}), rows);
  }
  std::string keyset;
  std::string order = order_of(cursor_and_key(pass));
  std::string nulls;
  if (progress.nulls) {
    nulls = column(pass.settings.cursor) + " IS NULL";
    order = order_of(pass.table.key);
  }
  if (!progress.key.empty()) {
    std::vector<std::string> values = progress.key;
    if (!progress.nulls) {
      values.insert(values.begin(), progress.cursor);
    }
    keyset = behind(pass.table, progress.nulls ? pass.table.key : cursor_and_key(pass), values);
  }
  return fmt::format("SELECT {} FROM {} AS t WHERE {} ORDER BY {} {}", projection.select,
                     pass.table.from, all_of({nulls, filter, keyset, keyed_test(pass.table)}),
                     order, page_end(pass.table, rows));
}

std::string any_row_select(const Pass& pass, const Mark& base, const std::string& bound,
                           const std::string& filter) {
  std::string sql;
  if (pass.mode == Mode::exact && !base.low.empty()) {
    sql = fmt::format("statement_timestamp() < {}::timestamptz OR ", pq::quote_literal(base.low));
  }
  sql += fmt::format("EXISTS (SELECT FROM {} AS t WHERE {})", pass.table.from,
                     all_of({bound, filter}));
  if (pass.table.at(pass.settings.cursor).nullable && pass.mode != Mode::off) {
    sql += fmt::format(" OR EXISTS (SELECT FROM {} AS t WHERE {})", pass.table.from,
                       all_of({column(pass.settings.cursor) + " IS NULL", filter}));
  }
  return sql;
}

std::string key_page_select(const Pass& pass, const Projection& projection,
                            const std::vector<std::string>& key, std::size_t rows) {
  const std::string keyset = key.empty() ? std::string() : behind(pass.table, pass.table.key, key);
  return fmt::format("SELECT {} FROM {} AS t WHERE {} ORDER BY {} {}", projection.select,
                     pass.table.from,
                     all_of({copy_condition(pass), keyset, keyed_test(pass.table)}),
                     order_of(pass.table.key), page_end(pass.table, rows));
}

std::string keyless_copy_select(const Pass& pass, const Projection& projection, std::size_t rows) {
  return fmt::format("SELECT {} FROM {} AS t WHERE {} LIMIT {}", projection.select, pass.table.from,
                     all_of({keyless_test(pass.table), copy_condition(pass)}), rows);
}

std::string keyed_select(const Table& table, const Projection& projection,
                         const std::string& keys_json) {
  std::vector<std::string> given;
  std::vector<std::string> renamed;
  std::vector<std::string> joined;
  for (std::size_t place = 0; place < table.key.size(); ++place) {
    const std::string name = pq::quote_identifier(table.key[place]);
    given.push_back(fmt::format("{} {}", name, table.at(table.key[place]).cell_type));
    renamed.push_back(fmt::format("r.{} AS {}", name, asked_name(place)));
    joined.push_back(fmt::format("t.{} = k.{}", name, asked_name(place)));
  }
  return fmt::format(
      "SELECT {} FROM (SELECT {} FROM json_to_recordset({}) AS r({})) AS k LEFT JOIN LATERAL "
      "(SELECT t.*, true AS {} FROM {} AS t WHERE {}) AS t ON true",
      projection.select, fmt::join(renamed, ", "), pq::quote_literal(keys_json),
      fmt::join(given, ", "), kFound, table.from, fmt::join(joined, " AND "));
}

std::string whole_select(const Pass& pass, const Projection& projection) {
  return fmt::format("SELECT {} FROM {} AS t WHERE {}", projection.select, pass.table.from,
                     all_of({copy_condition(pass)}));
}

std::string range_select(const Pass& pass, const Projection& projection, const Leaf& leaf,
                         const OpenRange& range) {
  const std::string tids = fmt::format("t.ctid > '({},{})'::tid AND t.ctid < '({},0)'::tid",
                                       range.after.block, range.after.offset, range.end);
  const std::string condition = copy_condition(pass);
  if (condition.empty()) {
    return fmt::format("SELECT {} FROM ONLY {} AS t WHERE {}", projection.select, leaf.name, tids);
  }
  return fmt::format(
      "SELECT {} FROM (SELECT t.ctid, {}, ({}) AS {} FROM ONLY {} AS t WHERE {} OFFSET 0) AS t "
      "WHERE t.{}",
      projection.select, fmt::join(columns_read(pass), ", "), condition, kKept, leaf.name, tids,
      kKept);
}

}  // namespace rowferry::postgres
