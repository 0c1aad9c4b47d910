#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schema.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// Which fields a statement selects, in this order: whether the row is removed, its ctid, the
/// columns of the schema, the cursor when it is not among them.
struct Projection {
  SchemaPointer schema;
  /// The list behind SELECT; the table's alias is `t`.
  std::string select;
  bool has_removed = false;
  bool has_ctid = false;
  /// The cursor's place among the columns of the schema; the field behind them when hidden.
  std::optional<std::size_t> cursor_column;
  bool has_hidden_cursor = false;
  Type cursor_type;
  std::size_t row_bytes_max = 0;
  /// Rows are told apart by their place; else those of one key must stay together.
  bool key_is_unique = true;

  /// How many fields a row has.
  [[nodiscard]] std::size_t fields() const;
};

/// What a statement is for: an increment tests `where` on each row, a copy leaves rows out.
enum class Purpose { increment, copy };

/// The columns that are sent, and those that only the identity needs.
[[nodiscard]] SchemaPointer make_schema(const Table& table, const SourceSettings& settings);

/// What a statement selects. In a copy softly deleted rows are handed out as removed, too.
[[nodiscard]] Projection make_projection(const Table& table, const SourceSettings& settings,
                                         SchemaPointer schema, Purpose purpose, bool with_ctid);

/// What a statement selects that asks for rows by key (`keyed_select`): identities come from the
/// keys, and a key that has no row is a removed one.
[[nodiscard]] Projection keyed_projection(const Table& table, const SourceSettings& settings,
                                          SchemaPointer schema);

/// The name of an identity column among the keys that are asked for, by its place in the key.
[[nodiscard]] std::string asked_name(std::size_t place);

/// The column that says whether a key that was asked for has a row.
inline constexpr std::string_view kFound = "\"rowferry: found\"";

/// The SQL for "this row is softly deleted"; empty when the job has no such column.
[[nodiscard]] std::string deleted_test(const Table& table, const SourceSettings& settings);

}  // namespace rowferry::postgres
