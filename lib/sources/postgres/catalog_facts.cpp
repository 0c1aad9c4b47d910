#include "sources/postgres/catalog_facts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::string_view kRole = R"(
SELECT current_user, pg_is_in_recovery(), pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'))";

constexpr std::string_view kRelationFacts = R"(
SELECT has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid), c.relpersistence = 'u',
       NOT EXISTS (SELECT FROM pg_class leaf WHERE leaf.oid = ANY($2::oid[])
                   AND leaf.relkind IN ('r', 'm') AND leaf.relpages = 0
                   AND leaf.reltuples <= 0 AND pg_relation_size(leaf.oid) > 0)
FROM pg_class c WHERE c.oid = $1::oid)";

constexpr std::string_view kColumnFacts = R"(
SELECT a.attname, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), a.attgenerated <> '',
       has_column_privilege(a.attrelid, a.attnum, 'SELECT')
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

// Ordered as ORDER BY asks for it: a B-tree, all columns ascending with NULLs last (option 0) or
// all descending with NULLs first (3), with the types' own order and the columns' collations.
constexpr std::string_view kIndexes = R"(
SELECT i.indrelid, c.relname, i.indisunique, i.indisvalid AND i.indisready, i.indpred IS NOT NULL,
       m.amname = 'btree'
         AND (SELECT count(DISTINCT o) = 1 AND bool_and(o IN (0, 3)) FROM unnest(i.indoption) o)
         AND NOT EXISTS (SELECT FROM unnest(i.indclass) o JOIN pg_opclass p ON p.oid = o
                         WHERE NOT p.opcdefault)
         AND NOT EXISTS (SELECT FROM unnest(i.indkey, i.indcollation) k(attnum, collation_oid)
                         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                         WHERE a.attcollation <> k.collation_oid AND k.collation_oid <> 0),
       array_to_json(ARRAY(
         SELECT coalesce(a.attname, '') FROM unnest(i.indkey) WITH ORDINALITY k(attnum, position)
         LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE k.position <= i.indnkeyatts ORDER BY k.position))::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE i.indrelid = ANY($1::oid[]) ORDER BY i.indrelid, c.relname)";

// tgtype: 1 row, 2 before, 16 update. Arguments are joined by zero bytes.
constexpr std::string_view kTriggers = R"(
SELECT t.tgrelid, t.tgname, p.proname, l.lanname, p.prosrc, t.tgenabled IN ('O', 'A'),
       t.tgattr::text <> '',
       to_json(string_to_array(encode(t.tgargs, 'escape'), '\000'))::text
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
WHERE t.tgrelid = ANY($1::oid[]) AND t.tgtype & 19 = 19 ORDER BY t.tgrelid, t.tgname)";

constexpr std::string_view kTableNames = R"(
SELECT concat(n.nspname, '.', c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema'
  AND n.nspname NOT LIKE 'pg\_%' ORDER BY 1 LIMIT 5000)";

// Outside of coroutines: g++ 12 miscompiles lists in braces inside them.
pq::Statement asking(std::string_view sql) {
  pq::Statement statement;
  statement.purpose = "reading the catalog";
  statement.sql = sql;
  return statement;
}

pq::Statement asking(std::string_view sql, const std::string& parameter) {
  pq::Statement statement = asking(sql);
  statement.parameters.emplace_back(parameter);
  return statement;
}

pq::Statement asking_of_relation(const std::string& oid, const std::string& relations) {
  pq::Statement statement = asking(kRelationFacts, oid);
  statement.parameters.emplace_back(relations);
  return statement;
}

// The table and everything below it, as an array of the server.
std::string relations_of(const Table& table) {
  std::vector<std::uint32_t> relations{table.oid};
  for (const Leaf& leaf : table.leaves) {
    relations.push_back(leaf.oid);
  }
  return fmt::format("{{{}}}", fmt::join(relations, ","));
}

std::vector<std::string> texts_of(std::string_view json) {
  const boost::json::value list =
      boost::json::parse(boost::json::string_view(json.data(), json.size()));
  std::vector<std::string> texts;
  for (const boost::json::value& item : list.as_array()) {
    texts.emplace_back(item.as_string());
  }
  return texts;
}

Task<> read_role(pq::Session& session, CatalogFacts& facts) {
  const pq::Statement statement = asking(kRole);
  const pq::Result found = co_await session.query(statement);
  facts.user = found.text(0, 0);
  facts.is_standby = found.boolean(0, 1);
  facts.reads_all_stats = found.boolean(0, 2);
  if (facts.reads_all_stats) {
    const LowMark low = co_await read_low_mark(session, "");
    facts.untracked = low.untracked;
  }
}

Task<> read_columns(pq::Session& session, const std::string& oid, CatalogFacts& facts) {
  const pq::Statement statement = asking(kColumnFacts, oid);
  const pq::Result found = co_await session.query(statement);
  for (int row = 0; row < found.rows(); ++row) {
    ColumnFacts column;
    column.name = found.text(row, 0);
    column.default_sql = found.text(row, 1);
    column.is_generated = found.boolean(row, 2);
    column.is_readable = found.boolean(row, 3);
    facts.columns.push_back(std::move(column));
  }
}

Task<> read_indexes(pq::Session& session, const std::string& relations, CatalogFacts& facts) {
  const pq::Statement statement = asking(kIndexes, relations);
  const pq::Result found = co_await session.query(statement);
  for (int row = 0; row < found.rows(); ++row) {
    IndexFacts index;
    index.relation = static_cast<std::uint32_t>(found.integer(row, 0));
    index.name = found.text(row, 1);
    index.is_unique = found.boolean(row, 2);
    index.is_valid = found.boolean(row, 3);
    index.is_partial = found.boolean(row, 4);
    index.is_ordered = found.boolean(row, 5);
    index.columns = texts_of(found.text(row, 6));
    facts.indexes.push_back(std::move(index));
  }
}

Task<> read_triggers(pq::Session& session, const std::string& relations, CatalogFacts& facts) {
  const pq::Statement statement = asking(kTriggers, relations);
  const pq::Result found = co_await session.query(statement);
  for (int row = 0; row < found.rows(); ++row) {
    TriggerFacts trigger;
    trigger.relation = static_cast<std::uint32_t>(found.integer(row, 0));
    trigger.name = found.text(row, 1);
    trigger.function = found.text(row, 2);
    trigger.language = found.text(row, 3);
    trigger.source = found.text(row, 4);
    trigger.is_enabled = found.boolean(row, 5);
    trigger.is_for_some_columns = found.boolean(row, 6);
    trigger.arguments = texts_of(found.text(row, 7));
    facts.triggers.push_back(std::move(trigger));
  }
}

}  // namespace

const ColumnFacts* CatalogFacts::find(const std::string& column) const {
  const auto found = std::ranges::find(columns, column, &ColumnFacts::name);
  return found == columns.end() ? nullptr : &*found;
}

Task<CatalogFacts> read_catalog_facts(pq::Session& session, const Table& table) {
  CatalogFacts facts;
  co_await read_role(session, facts);
  if (table.oid == 0) {
    co_return facts;
  }
  const std::string oid = std::to_string(table.oid);
  const std::string relations = relations_of(table);
  const pq::Statement statement = asking_of_relation(oid, relations);
  const pq::Result found = co_await session.query(statement);
  if (found.rows() > 0) {
    facts.is_readable = found.boolean(0, 0);
    facts.hides_rows = found.boolean(0, 1);
    facts.is_unlogged = found.boolean(0, 2);
    facts.is_analyzed = found.boolean(0, 3);
  }
  co_await read_columns(session, oid, facts);
  co_await read_indexes(session, relations, facts);
  co_await read_triggers(session, relations, facts);
  co_return facts;
}

Task<std::vector<std::string>> read_table_names(pq::Session& session) {
  const pq::Statement statement = asking(kTableNames);
  const pq::Result found = co_await session.query(statement);
  std::vector<std::string> names;
  for (int row = 0; row < found.rows(); ++row) {
    names.emplace_back(found.text(row, 0));
  }
  co_return names;
}

}  // namespace rowferry::postgres
