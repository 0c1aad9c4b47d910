#include "sinks/postgres/making.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "pq/quote.hpp"
#include "sinks/postgres/statements.hpp"

namespace rowferry::postgres_sink {
namespace {

// Built-in types only: what a database made itself may be another thing here.
constexpr std::string_view kIsBuiltIn = R"(
SELECT EXISTS (SELECT FROM pg_type t WHERE t.oid = to_regtype({}) AND t.oid < 16384
               AND t.typtype IN ('b', 'r', 'm')))";

// What an INSERT would assign without being told to; any type becomes text so. Text that stands for
// a type which we do not know goes into that very type, or into one that the source's name means.
constexpr std::string_view kAssignable = R"(
SELECT EXISTS (
  SELECT FROM pg_type s, pg_type t, pg_type u
  WHERE s.oid = to_regtype({0}) AND u.oid = to_regtype({1})
    AND t.oid = CASE WHEN u.typtype = 'd' THEN u.typbasetype ELSE u.oid END
    AND (s.oid = t.oid OR t.typcategory = 'S' OR t.typtype = 'e' AND s.typcategory = 'S'
         OR u.oid = to_regtype({2})
         OR EXISTS (SELECT FROM pg_cast c WHERE c.castcontext IN ('a', 'i')
                    AND (c.castsource, c.casttarget) IN
                        ((s.oid, t.oid), (nullif(s.typelem, 0), nullif(t.typelem, 0)))))))";

pq::Statement statement(std::string purpose, std::string sql) {
  pq::Statement made;
  made.purpose = std::move(purpose);
  made.sql = std::move(sql);
  return made;
}

}  // namespace

Task<std::vector<std::string>> types_to_make(pq::Session& session, SchemaPointer schema) {
  std::string sql;
  for (const Column& column : schema->columns) {
    sql += fmt::format(fmt::runtime(kIsBuiltIn), pq::quote_literal(column.source_type)) + ";";
  }
  const pq::Statement asked = statement("looking up types", std::move(sql));
  const std::vector<pq::Result> found = co_await session.query_all(asked);
  std::vector<std::string> types;
  for (std::size_t index = 0; index < schema->columns.size(); ++index) {
    const Column& column = schema->columns[index];
    types.push_back(found[index].boolean(0, 0) ? column.source_type : to_string(column.type));
  }
  co_return types;
}

Task<> make_table(pq::Session& session, SchemaPointer schema, std::string table) {
  const QualifiedName name = co_await parse_name(session, table);
  const std::vector<std::string> types = co_await types_to_make(session, schema);
  const pq::Statement made =
      statement(fmt::format("making the table {}", table), create_table_sql(name, *schema, types));
  co_await session.execute(made);
}

Task<> add_columns(pq::Session& session, SchemaPointer schema, const TargetTable& target,
                   const std::vector<std::size_t>& missing) {
  const std::vector<std::string> types = co_await types_to_make(session, schema);
  std::string sql;
  for (const std::size_t index : missing) {
    sql += add_column_sql(target, schema->columns[index].name, types[index]) + ";";
  }
  const pq::Statement added =
      statement(fmt::format("adding columns to {}", target.sql), std::move(sql));
  co_await session.execute(added);
}

Task<> refuse_type_conflicts(pq::Session& session, SchemaPointer schema, const WritePlan& plan) {
  std::string sql;
  for (const WrittenColumn& column : plan.columns) {
    const std::string& declared = schema->columns[column.index].source_type;
    sql += fmt::format(fmt::runtime(kAssignable), pq::quote_literal(column.cell_type),
                       pq::quote_literal(column.target_type), pq::quote_literal(declared)) +
           ";";
  }
  const pq::Statement asked = statement("comparing types", std::move(sql));
  const std::vector<pq::Result> found = co_await session.query_all(asked);
  std::vector<std::string> conflicts;
  for (std::size_t place = 0; place < plan.columns.size(); ++place) {
    const WrittenColumn& column = plan.columns[place];
    if (!found[place].boolean(0, 0)) {
      conflicts.push_back(fmt::format("{} is {} in the source and {} in the target", column.name,
                                      schema->columns[column.index].source_type,
                                      column.target_type));
    }
  }
  if (!conflicts.empty()) {
    throw Error(Failure::config,
                fmt::format("{} cannot hold what the source sends: {}; alter the column, or leave "
                            "it out with source.columns",
                            plan.target, fmt::join(conflicts, ", ")))
        .with_reason("type_conflict");
  }
}

}  // namespace rowferry::postgres_sink
