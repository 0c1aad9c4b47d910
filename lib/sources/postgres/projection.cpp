#include "sources/postgres/projection.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pq/quote.hpp"

namespace rowferry::postgres {
namespace {

// CAST says what the cell is anyway and costs nothing; after an ALTER it converts, or fails: bytes
// of another type are never taken for this one. What has no binary form of ours is made text of.
std::string field(const TableColumn& column) {
  const std::string name = "t." + pq::quote_identifier(column.name);
  return column.as_text ? name + "::text" : fmt::format("CAST({} AS {})", name, column.cell_type);
}

Column schema_column(const TableColumn& column, bool identity_only) {
  Column made;
  made.name = column.name;
  made.type = column.type;
  made.source_type = column.source_type;
  made.nullable = column.nullable;
  made.identity_only = identity_only;
  return made;
}

// The SQL for "this row is gone for the sink"; empty when no row can be.
std::string removed_test(const Table& table, const SourceSettings& settings, Purpose purpose) {
  std::string test = deleted_test(table, settings);
  if (purpose == Purpose::increment && !settings.where.empty()) {
    const std::string left = fmt::format("(({}\n) IS NOT TRUE)", settings.where);
    test = test.empty() ? left : fmt::format("({} OR {})", test, left);
  }
  return test;
}

}  // namespace

std::size_t Projection::fields() const {
  return schema->columns.size() + (has_removed ? 1 : 0) + (has_ctid ? 1 : 0) +
         (has_hidden_cursor ? 1 : 0);
}

std::string deleted_test(const Table& table, const SourceSettings& settings) {
  if (settings.deleted_column.empty()) {
    return {};
  }
  const Type& type = table.at(settings.deleted_column).type;
  const bool is_flag = type.element == ColumnType::boolean && !type.is_array;
  return fmt::format("(t.{} {})", pq::quote_identifier(settings.deleted_column),
                     is_flag ? "IS TRUE" : "IS NOT NULL");
}

SchemaPointer make_schema(const Table& table, const SourceSettings& settings) {
  Schema schema;
  schema.table = table.name;
  schema.text_is_utf8 = table.text_is_utf8;
  for (const TableColumn& column : table.columns) {
    if (settings.columns.empty()) {
      schema.columns.push_back(schema_column(column, false));
    }
  }
  for (const std::string& name : settings.columns) {
    schema.columns.push_back(schema_column(table.at(name), false));
  }
  for (const std::string& name : table.key) {
    if (!schema.find(name)) {
      schema.columns.push_back(schema_column(table.at(name), true));
    }
    schema.identity.push_back(*schema.find(name));
  }
  schema.key = schema.identity;
  return std::make_shared<const Schema>(std::move(schema));
}

std::string asked_name(std::size_t place) { return fmt::format("\"rowferry: key {}\"", place); }

Projection keyed_projection(const Table& table, const SourceSettings& settings,
                            SchemaPointer schema) {
  Projection made;
  made.schema = std::move(schema);
  made.row_bytes_max = settings.row_bytes_max;
  made.has_removed = true;
  const std::string removed = removed_test(table, settings, Purpose::increment);
  made.select = fmt::format("(t.{} IS NULL{})", kFound, removed.empty() ? "" : " OR " + removed);
  for (const Column& column : made.schema->columns) {
    const auto place = std::ranges::find(table.key, column.name);
    if (place == table.key.end()) {
      made.select += ", " + field(table.at(column.name));
      continue;
    }
    const auto index = static_cast<std::size_t>(place - table.key.begin());
    const TableColumn& known = table.at(column.name);
    const std::string name = "k." + asked_name(index);
    made.select += known.as_text ? fmt::format(", {}::text", name)
                                 : fmt::format(", CAST({} AS {})", name, known.cell_type);
  }
  return made;
}

Projection make_projection(const Table& table, const SourceSettings& settings, SchemaPointer schema,
                           Purpose purpose, bool with_ctid) {
  Projection made;
  made.schema = std::move(schema);
  made.row_bytes_max = settings.row_bytes_max;
  made.key_is_unique = table.key_is_unique || table.key.empty();
  std::string list;
  const std::string removed = removed_test(table, settings, purpose);
  if (!removed.empty()) {
    made.has_removed = true;
    list += removed + ", ";
  }
  if (with_ctid) {
    made.key_is_unique = true;
    made.has_ctid = true;
    list += "t.ctid, ";
  }
  for (const Column& column : made.schema->columns) {
    list += field(table.at(column.name)) + ", ";
  }
  if (!settings.cursor.empty()) {
    const TableColumn& cursor = table.at(settings.cursor);
    made.cursor_type = cursor.type;
    made.cursor_column = made.schema->find(settings.cursor);
    if (!made.cursor_column) {
      made.has_hidden_cursor = true;
      list += field(cursor) + ", ";
    }
  }
  list.resize(list.size() - 2);
  made.select = std::move(list);
  return made;
}

}  // namespace rowferry::postgres
