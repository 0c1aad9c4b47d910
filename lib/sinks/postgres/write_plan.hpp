#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.hpp"
#include "sinks/postgres/settings.hpp"
#include "sinks/postgres/target_table.hpp"

namespace rowferry::postgres_sink {

/// What a copy that replaces everything is written to, until it is whole.
inline constexpr std::string_view kClone = "pg_temp.rowferry_copy";

/// A column that is written: a column of the batch and its place in the target.
struct WrittenColumn {
  std::size_t index = 0;    ///< in the batch
  std::string name;         ///< in the target
  std::string cell_type;    ///< SQL type of the cells: the staging column's
  std::string target_type;  ///< SQL type of the target's column
  bool is_key = false;
  bool is_updated = false;  ///< takes a new value when the row is there already
  bool is_direct = false;   ///< the target takes the cells as they are
};

/// How batches of one schema are written to one table.
struct WritePlan {
  std::string target;  ///< as SQL: the table, or its clone
  std::vector<WrittenColumn> columns;
  /// Indexes into `columns`, in the order of the key; empty where rows are appended.
  std::vector<std::size_t> key;
  bool has_identity = false;  ///< values of identity columns are given
  bool is_direct = false;     ///< batches may be copied straight in
};

/// Decides how rows go into a table that is there, with all its columns. Throws Error{config},
/// naming the statement that helps: no unique index over the key, a key column that the source does
/// not send, a column of the target that must have a value and gets none.
[[nodiscard]] WritePlan make_write_plan(const Schema& schema, const TargetTable& target,
                                        const SinkSettings& settings);

/// The columns of a schema that the table lacks.
[[nodiscard]] std::vector<std::size_t> missing_columns(const Schema& schema,
                                                       const TargetTable& target);

/// The SQL type of a column's cells, without length or precision.
[[nodiscard]] std::string cell_type(const Type& type);

}  // namespace rowferry::postgres_sink
