#pragma once

#include <string>
#include <vector>

#include "base/task.hpp"
#include "core/schema.hpp"
#include "pq/session.hpp"
#include "sinks/postgres/settings.hpp"
#include "sinks/postgres/target_table.hpp"
#include "sinks/postgres/write_plan.hpp"

namespace rowferry::postgres_sink {

/// The SQL type that a column would be made with: the source's own where the server knows it as a
/// built-in one, else that of its cells (domains as their base type, the rest as text).
Task<std::vector<std::string>> types_to_make(pq::Session& session, SchemaPointer schema);

/// Makes the table. Throws the server's error.
Task<> make_table(pq::Session& session, SchemaPointer schema, std::string table);

/// Adds the columns that the table lacks.
Task<> add_columns(pq::Session& session, SchemaPointer schema, const TargetTable& target,
                   const std::vector<std::size_t>& missing);

/// Throws Error{config}, naming the columns, when the server has no assignment from what the source
/// sends to what the target holds.
Task<> refuse_type_conflicts(pq::Session& session, SchemaPointer schema, const WritePlan& plan);

}  // namespace rowferry::postgres_sink
