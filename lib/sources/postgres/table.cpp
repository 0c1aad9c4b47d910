#include "sources/postgres/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "base/error.hpp"
#include "connections/postgres/closed_type.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::string_view kRelation = R"(
SELECT c.oid, c.relkind, n.nspname, c.relname,
       concat((SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), '/', c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::regclass)";

// A domain is followed down to its base type. Modifier -1 and not NULL: `character` alone is one
// character, `bpchar` any number of them.
constexpr std::string_view kColumns = R"(
WITH RECURSIVE base AS (
  SELECT a.attnum, a.attname, a.attnotnull, format_type(a.atttypid, a.atttypmod) AS declared,
         t.oid AS type, t.typtype, t.typbasetype,
         CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS modifier
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT b.attnum, b.attname, b.attnotnull, b.declared, t.oid, t.typtype, t.typbasetype,
         CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE b.modifier END
  FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd')
SELECT attname, type, modifier, attnotnull, declared, format_type(type, -1)
FROM base WHERE typtype <> 'd' ORDER BY attnum)";

// Behind the key columns an index may list others that are only INCLUDEd.
constexpr std::string_view kPrimaryKey = R"(
SELECT a.attname FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, position)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::oid AND i.indisprimary AND k.position <= i.indnkeyatts
ORDER BY k.position)";

// The plain columns of each index that lets no two rows of the table be the same.
constexpr std::string_view kUniqueIndexes = R"(
SELECT array_to_json(ARRAY(
  SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY k(attnum, position)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE k.position <= i.indnkeyatts))::text
FROM pg_index i
WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
  AND i.indexprs IS NULL)";

// Partitions and children, at any depth; those without storage (partitioned parents) left out.
constexpr std::string_view kLeaves = R"(
WITH RECURSIVE tree AS (
  SELECT $1::oid AS oid
  UNION SELECT i.inhrelid FROM pg_inherits i JOIN tree ON i.inhparent = tree.oid)
SELECT c.oid, c.relkind, coalesce(m.amname, '') AS method, n.nspname, c.relname,
       coalesce(pg_relation_filenode(c.oid), 0),
       CASE WHEN c.relkind IN ('r', 'm')
            THEN coalesce(pg_relation_size(c.oid) / current_setting('block_size')::int, 0)
            ELSE 0 END,
       CASE WHEN c.relpages > 0 AND c.reltuples > 0 THEN c.reltuples / c.relpages ELSE 0 END,
       has_any_column_privilege(c.oid, 'SELECT')
FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind <> 'p' ORDER BY c.oid)";

pq::Statement asking(std::string_view sql, std::string parameter, std::string_view name) {
  pq::Statement statement;
  statement.purpose = fmt::format("looking up {}", name);
  statement.sql = std::string(sql);
  statement.parameters.emplace_back(std::move(parameter));
  return statement;
}

TableColumn make_column(std::string name, pq::TypeOid oid, int modifier) {
  TableColumn column;
  column.name = std::move(name);
  const auto type = connections::closed_type(oid, modifier);
  column.as_text = !type;
  column.type = type.value_or(Type{});
  return column;
}

std::string_view kind_of(std::string_view relkind) {
  switch (relkind.empty() ? ' ' : relkind.front()) {
    case 'r':
      return "table";
    case 'p':
      return "partitioned table";
    case 'm':
      return "materialized view";
    case 'v':
      return "view";
    case 'f':
      return "foreign table";
    default:
      return "";
  }
}

Task<> describe_columns(pq::Session& session, const SourceSettings& settings, Table& table) {
  const std::string oid = std::to_string(table.oid);
  const pq::Statement columns = asking(kColumns, oid, settings.name());
  const pq::Result found = co_await session.query(columns);
  for (int row = 0; row < found.rows(); ++row) {
    TableColumn column = make_column(std::string(found.text(row, 0)),
                                     static_cast<pq::TypeOid>(found.integer(row, 1)),
                                     static_cast<int>(found.integer(row, 2)));
    column.nullable = !found.boolean(row, 3);
    column.source_type = found.text(row, 4);
    column.cell_type = column.as_text ? found.text(row, 4) : found.text(row, 5);
    table.columns.push_back(std::move(column));
  }
  const pq::Statement primary_key = asking(kPrimaryKey, oid, settings.name());
  const pq::Result key = co_await session.query(primary_key);
  for (int row = 0; row < key.rows(); ++row) {
    table.key.emplace_back(key.text(row, 0));
  }
}

// Whether all names of a JSON array are among others.
bool is_subset(std::string_view names_json, const std::vector<std::string>& among) {
  const boost::json::value names =
      boost::json::parse(boost::json::string_view(names_json.data(), names_json.size()));
  return std::ranges::all_of(names.as_array(), [&among](const boost::json::value& name) {
    return std::ranges::find(among, std::string(name.as_string())) != among.end();
  });
}

Leaf leaf_of(const pq::Result& found, int row) {
  Leaf leaf;
  leaf.oid = static_cast<std::uint32_t>(found.integer(row, 0));
  leaf.name = pq::quote_qualified(found.text(row, 3), found.text(row, 4));
  leaf.file = found.text(row, 5);
  leaf.blocks = found.integer(row, 6);
  leaf.rows_per_block = std::stod(std::string(found.text(row, 7)));
  return leaf;
}

Task<> describe_leaves(pq::Session& session, const SourceSettings& settings, Table& table) {
  const pq::Statement statement = asking(kLeaves, std::to_string(table.oid), settings.name());
  const pq::Result found = co_await session.query(statement);
  table.is_heap = true;
  for (int row = 0; row < found.rows(); ++row) {
    const std::string_view kind = found.text(row, 1);
    table.is_heap = table.is_heap && (kind == "r" || kind == "m") && found.text(row, 2) == "heap";
    table.leaves_are_readable = table.leaves_are_readable && found.boolean(row, 8);
    table.leaves.push_back(leaf_of(found, row));
  }
}

Task<std::string> read_definition(pq::Session& session, const Table& table) {
  pq::Statement statement;
  statement.purpose = fmt::format("looking up the columns of {}", table.name);
  statement.sql = "SELECT " + definition_select(table);
  const pq::Result found = co_await session.query(statement);
  co_return std::string(found.text(0, 0));
}

Task<std::string> read_shape(pq::Session& session, const Table& table) {
  pq::Statement statement;
  statement.purpose = fmt::format("looking up {}", table.name);
  statement.sql = "SELECT " + shape_select(table);
  const pq::Result found = co_await session.query(statement);
  co_return std::string(found.text(0, 0));
}

// Whether some unique index has no other columns than the key.
Task<bool> is_key_unique(pq::Session& session, const SourceSettings& settings, const Table& table) {
  const pq::Statement statement =
      asking(kUniqueIndexes, std::to_string(table.oid), settings.name());
  const pq::Result found = co_await session.query(statement);
  for (int row = 0; row < found.rows(); ++row) {
    if (is_subset(found.text(row, 0), table.key)) {
      co_return true;
    }
  }
  co_return false;
}

Task<Table> describe_relation(pq::Session& session, const SourceSettings& settings) {
  const pq::Statement statement = asking(kRelation, settings.table, settings.name());
  const pq::Result relation = co_await session.query(statement);
  if (relation.rows() == 0 || kind_of(relation.text(0, 1)).empty()) {
    throw Error(Failure::config,
                fmt::format("source.table: {} is no table and no view", settings.table));
  }
  Table table;
  table.oid = static_cast<std::uint32_t>(relation.integer(0, 0));
  table.kind = kind_of(relation.text(0, 1));
  table.from = pq::quote_qualified(relation.text(0, 2), relation.text(0, 3));
  table.name = relation.text(0, 3);
  table.relation = relation.text(0, 4);
  std::string shape = co_await read_shape(session, table);
  table.shape = std::move(shape);
  // Asked before the columns: what changes in between shows as another definition.
  std::string definition = co_await read_definition(session, table);
  table.definition = std::move(definition);
  co_await describe_columns(session, settings, table);
  if (table.kind != "view" && table.kind != "foreign table") {
    co_await describe_leaves(session, settings, table);
  }
  co_return table;
}

// The columns of a query are those of its empty result.
Task<Table> describe_query(pq::Session& session, const SourceSettings& settings) {
  Table table;
  table.kind = "query";
  table.from = "(" + settings.query + "\n)";
  table.name = settings.job;
  pq::Statement statement;
  statement.purpose = fmt::format("preparing the query of job {}", settings.job);
  statement.sql = fmt::format("SELECT * FROM {} AS t LIMIT 0", table.from);
  const pq::Result found = co_await session.query(statement);
  std::vector<pq::TypeOid> types;
  std::vector<int> modifiers;
  for (int index = 0; index < found.columns(); ++index) {
    types.push_back(found.column_type(index));
    modifiers.push_back(found.column_modifier(index));
    table.columns.push_back(
        make_column(std::string(found.column_name(index)), types.back(), modifiers.back()));
  }
  pq::Statement naming;
  naming.purpose = statement.purpose;
  naming.sql = fmt::format(
      "SELECT format_type(type, modifier), format_type(type, -1) "
      "FROM unnest('{{{}}}'::oid[], '{{{}}}'::int[]) WITH ORDINALITY AS x(type, modifier, place) "
      "ORDER BY place",
      fmt::join(types, ","), fmt::join(modifiers, ","));
  const pq::Result names = co_await session.query(naming);
  for (int row = 0; row < names.rows(); ++row) {
    TableColumn& column = table.columns[static_cast<std::size_t>(row)];
    column.source_type = names.text(row, 0);
    column.cell_type = names.text(row, 1);
  }
  co_return table;
}

// Every configured column must exist, and changes need a key.
void check_columns(const SourceSettings& settings, Table& table) {
  if (table.columns.empty()) {
    throw Error(Failure::config, fmt::format("{} has no columns to read", settings.name()));
  }
  if (!settings.key.empty()) {
    table.key = settings.key;
  }
  for (const auto& list : {settings.columns, table.key}) {
    for (const std::string& name : list) {
      std::ignore = table.at(name);
    }
  }
  for (const std::string& name : {settings.cursor, settings.deleted_column}) {
    if (!name.empty()) {
      std::ignore = table.at(name);
    }
  }
  if (table.key.empty() && !settings.cursor.empty()) {
    throw Error(Failure::config,
                fmt::format("{} has no primary key: name the columns that identify a row with "
                            "source.key",
                            settings.name()));
  }
}

}  // namespace

const TableColumn* Table::find(const std::string& column) const {
  const auto found = std::ranges::find(columns, column, &TableColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

const TableColumn& Table::at(const std::string& column) const {
  const TableColumn* found = find(column);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const TableColumn& known : columns) {
      names.push_back(known.name);
    }
    throw Error(Failure::config, fmt::format("{} has no column {}; it has: {}", name, column,
                                             fmt::join(names, ", ")))
        .with_reason("42703");
  }
  return *found;
}

std::int64_t Table::blocks() const {
  std::int64_t sum = 0;
  for (const Leaf& leaf : leaves) {
    sum += leaf.blocks;
  }
  return sum;
}

std::vector<std::string> Table::nullable_key() const {
  std::vector<std::string> names;
  for (const std::string& column : key) {
    if (at(column).nullable) {
      names.push_back(column);
    }
  }
  return names;
}

std::string shape_select(const Table& table) {
  return fmt::format(
      "concat_ws(':', to_regclass({})::oid, (WITH RECURSIVE tree AS (SELECT {}::oid AS oid "
      "UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree "
      "ON i.inhparent = tree.oid) SELECT concat_ws(':', count(*), "
      "sum(hashint8(tree.oid::bigint))) FROM tree))",
      pq::quote_literal(table.from), table.oid);
}

std::string definition_select(const Table& table) {
  return fmt::format(
      "(SELECT md5(string_agg(concat_ws(' ', a.attname, a.atttypid, a.atttypmod, a.attnotnull), "
      "',' ORDER BY a.attnum)) FROM pg_catalog.pg_attribute a "
      "WHERE a.attrelid = {} AND a.attnum > 0 AND NOT a.attisdropped) || {}",
      table.oid, shape_select(table));
}

void refuse_other_definition(std::string_view described, std::string_view now) {
  if (described != now) {
    throw Error(Failure::stale,
                "the table, its columns or its partitions were changed: it is described again")
        .with_reason("definition");
  }
}

Task<> confirm_definition(pq::Session& session, const Table& table) {
  const std::string now = co_await read_definition(session, table);
  refuse_other_definition(table.definition, now);
}

Task<std::vector<Leaf>> read_leaves(pq::Session& session, std::uint32_t oid) {
  const pq::Statement statement = asking(kLeaves, std::to_string(oid), "partitions");
  const pq::Result found = co_await session.query(statement);
  std::vector<Leaf> leaves;
  for (int row = 0; row < found.rows(); ++row) {
    leaves.push_back(leaf_of(found, row));
  }
  co_return leaves;
}

Task<Table> describe_table(pq::Session& session, const SourceSettings& settings) {
  Table table;
  if (settings.query.empty()) {
    table = co_await describe_relation(session, settings);
  } else {
    table = co_await describe_query(session, settings);
  }
  table.text_is_utf8 = !session.text_is_unchecked();
  check_columns(settings, table);
  if (table.oid != 0 && !table.key.empty()) {
    const bool is_unique = co_await is_key_unique(session, settings, table);
    table.key_is_unique = is_unique;
  }
  co_return table;
}

}  // namespace rowferry::postgres
