#include "sources/postgres/definition.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.hpp"

namespace rowferry::postgres {
namespace {

const Definition::Column* find(const Definition& definition, const std::string& name) {
  const auto found = std::ranges::find(definition.columns, name, &Definition::Column::name);
  return found == definition.columns.end() ? nullptr : &*found;
}

}  // namespace

Definition definition_of(const Table& table, const Schema& schema, const std::string& cursor) {
  Definition definition;
  for (const Column& column : schema.columns) {
    definition.columns.push_back({column.name, table.at(column.name).cell_type});
  }
  if (!cursor.empty() && !schema.find(cursor)) {
    definition.columns.push_back({cursor, table.at(cursor).cell_type});
  }
  definition.key = table.key;
  definition.cursor = cursor;
  definition.relation = table.relation;
  for (const Leaf& leaf : table.leaves) {
    definition.leaves.push_back(leaf.oid);
  }
  return definition;
}

DefinitionChange compare(const Definition& before, const Definition& now) {
  DefinitionChange change;
  for (const Definition::Column& column : now.columns) {
    const Definition::Column* known = find(before, column.name);
    if (known == nullptr) {
      change.added.push_back(column.name);
    } else if (known->type != column.type) {
      change.retyped.push_back(
          fmt::format("{} was {} and is {}", column.name, known->type, column.type));
    }
  }
  for (const Definition::Column& column : before.columns) {
    if (find(now, column.name) == nullptr) {
      change.removed.push_back(column.name);
    }
  }
  change.reordered = before.key != now.key || before.cursor != now.cursor;
  return change;
}

void refuse_retyped(const DefinitionChange& change, const std::string& name) {
  if (!change.retyped.empty()) {
    throw Error(Failure::config,
                fmt::format("columns of {} have other types than the rows that were sent before: "
                            "{}; a full run (rowferry run --full) sends all rows anew "
                            "(source.on_type_change: fail)",
                            name, fmt::join(change.retyped, ", ")))
        .with_reason("type_change");
  }
}

}  // namespace rowferry::postgres
