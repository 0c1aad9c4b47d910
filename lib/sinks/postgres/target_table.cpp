#include "sinks/postgres/target_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres_sink {
namespace {

constexpr std::string_view kRelation = R"(
SELECT c.oid, c.relkind, n.nspname, c.relname,
       concat((SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), '/', c.oid),
       EXISTS (SELECT FROM pg_constraint f WHERE f.confrelid = c.oid AND f.conrelid <> c.oid
               AND f.contype = 'f')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1))";

constexpr std::string_view kColumns = R"(
SELECT a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.atthasdef OR a.attidentity <> '', a.attgenerated <> '', a.attidentity = 'a'
FROM pg_attribute a
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

// Deferrable ones, those over a part of the rows and those over expressions arbitrate nothing.
constexpr std::string_view kUniqueKeys = R"(
SELECT array_to_json(ARRAY(
  SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY k(attnum, position)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE k.position <= i.indnkeyatts))::text
FROM pg_index i
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate
  AND i.indpred IS NULL AND i.indexprs IS NULL)";

pq::Statement asking(std::string_view sql, std::string parameter, const std::string& name) {
  pq::Statement statement;
  statement.purpose = fmt::format("looking up {}", name);
  statement.sql = std::string(sql);
  statement.parameters.emplace_back(std::move(parameter));
  return statement;
}

TargetColumn column_of(const pq::Result& found, int row) {
  TargetColumn column;
  column.name = found.text(row, 0);
  column.type = static_cast<pq::TypeOid>(found.integer(row, 1));
  column.modifier = static_cast<int>(found.integer(row, 2));
  column.declared = found.text(row, 3);
  column.not_null = found.boolean(row, 4);
  column.has_default = found.boolean(row, 5);
  column.is_generated = found.boolean(row, 6);
  column.always_identity = found.boolean(row, 7);
  return column;
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  const boost::json::value list = boost::json::parse({text.data(), text.size()});
  for (const boost::json::value& name : list.as_array()) {
    names.emplace_back(name.as_string());
  }
  return names;
}

// The parts of a relation that take rows: ordinary and partitioned tables.
void refuse_other_kinds(std::string_view kind, const std::string& table) {
  if (kind != "r" && kind != "p") {
    throw Error(Failure::config,
                fmt::format("sink.table: {} is no table; rows are written to ordinary and "
                            "partitioned tables only",
                            table));
  }
}

}  // namespace

const TargetColumn* TargetTable::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &TargetColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

Task<std::optional<TargetTable>> read_target(pq::Session& session, std::string table) {
  const pq::Statement relation = asking(kRelation, table, table);
  const pq::Result known = co_await session.query(relation);
  if (known.rows() == 0) {
    co_return std::nullopt;
  }
  refuse_other_kinds(known.text(0, 1), table);
  TargetTable target;
  target.schema = known.text(0, 2);
  target.name = known.text(0, 3);
  target.identity = known.text(0, 4);
  target.is_referenced = known.boolean(0, 5);
  target.sql = pq::quote_qualified(target.schema, target.name);
  const std::string oid(known.text(0, 0));
  const pq::Statement columns = asking(kColumns, oid, table);
  const pq::Result found = co_await session.query(columns);
  for (int row = 0; row < found.rows(); ++row) {
    target.columns.push_back(column_of(found, row));
  }
  const pq::Statement keys = asking(kUniqueKeys, oid, table);
  const pq::Result unique = co_await session.query(keys);
  for (int row = 0; row < unique.rows(); ++row) {
    target.unique_keys.push_back(names_in(unique.text(row, 0)));
  }
  co_return target;
}

Task<bool> is_empty(pq::Session& session, const TargetTable& target) {
  pq::Statement statement;
  statement.purpose = fmt::format("looking into {}", target.sql);
  statement.sql = fmt::format("SELECT NOT EXISTS (SELECT FROM {})", target.sql);
  const pq::Result found = co_await session.query(statement);
  co_return found.boolean(0, 0);
}

Task<QualifiedName> parse_name(pq::Session& session, std::string table) {
  const pq::Statement asked = asking("SELECT array_to_json(parse_ident($1))::text", table, table);
  const pq::Result found = co_await session.query(asked);
  std::vector<std::string> parts = names_in(found.text(0, 0));
  QualifiedName name;
  name.name = std::move(parts.back());
  if (parts.size() > 1) {
    name.schema = std::move(parts[parts.size() - 2]);
  }
  co_return name;
}

}  // namespace rowferry::postgres_sink
