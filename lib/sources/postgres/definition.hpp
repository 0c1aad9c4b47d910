#pragma once

#include <string>
#include <vector>

#include "core/schema.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// What became of the columns since a position was made.
struct DefinitionChange {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> retyped;  ///< `price was numeric and is text`, one each
  /// Rows come in another order: how far a pass was says nothing any more.
  bool reordered = false;
};

/// What is read now: the columns of the schema and the cursor.
[[nodiscard]] Definition definition_of(const Table& table, const Schema& schema,
                                       const std::string& cursor);

/// What is different now.
[[nodiscard]] DefinitionChange compare(const Definition& before, const Definition& now);

/// Throws Error{config} when a column has another type than the rows that were sent before: what
/// they hold in the sink would not fit to what comes (`on_type_change: fail`).
void refuse_retyped(const DefinitionChange& change, const std::string& name);

}  // namespace rowferry::postgres
