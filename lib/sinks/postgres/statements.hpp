#pragma once

#include <string>

#include "core/schema.hpp"
#include "sinks/postgres/target_table.hpp"
#include "sinks/postgres/write_plan.hpp"

namespace rowferry::postgres_sink {

/// The staging table of a session: one a sink, emptied with every commit.
inline constexpr std::string_view kStaging = "pg_temp.rowferry_staging";

/// Makes the staging table anew: the row's place in its batch, whether it is a removal, and the
/// cells in their own types.
[[nodiscard]] std::string staging_sql(const WritePlan& plan);
[[nodiscard]] std::string copy_to_staging_sql();
[[nodiscard]] std::string copy_to_target_sql(const WritePlan& plan);

/// Moves what is staged: of each key the last row. A row that is there already and equal, byte for
/// byte, is left alone: no new version, no write ahead log.
[[nodiscard]] std::string upsert_sql(const WritePlan& plan);
/// Adds what is staged.
[[nodiscard]] std::string append_sql(const WritePlan& plan);
/// Removes the keys whose last staged row is a removal.
[[nodiscard]] std::string remove_sql(const WritePlan& plan);

/// Makes an empty table like the target, with its checks and unique keys, that takes the rows of a
/// copy until it is whole; it is gone with the transaction.
[[nodiscard]] std::string clone_sql(const TargetTable& target);
/// Puts the rows of the clone into the place of the target's.
[[nodiscard]] std::string replace_sql(const TargetTable& target, const WritePlan& plan);

/// A table for a source's columns: `types` are the SQL types, one a column.
[[nodiscard]] std::string create_table_sql(const QualifiedName& name, const Schema& schema,
                                           const std::vector<std::string>& types);
[[nodiscard]] std::string add_column_sql(const TargetTable& target, const std::string& column,
                                         const std::string& type);

}  // namespace rowferry::postgres_sink
