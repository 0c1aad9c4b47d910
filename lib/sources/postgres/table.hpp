#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "core/types.hpp"
#include "pq/session.hpp"
#include "sources/postgres/config.hpp"

namespace rowferry::postgres {

/// One column of the table or query that is read.
struct TableColumn {
  std::string name;
  Type type;
  std::string source_type;  ///< as format_type prints it
  /// The type that cells have: the domain's base type, without a modifier. Cells are cast to it, so
  /// that they are what was described even when the column was altered meanwhile.
  std::string cell_type;
  bool nullable = true;
  /// Not of the closed set: selected as its own text.
  bool as_text = false;
};

/// A table with storage of its own: the table itself, or one of its partitions or children.
struct Leaf {
  std::uint32_t oid = 0;
  std::string name;           ///< quoted, with its schema
  std::string file;           ///< its relfilenode, new after TRUNCATE, CLUSTER, VACUUM FULL
  std::int64_t blocks = 0;    ///< of 8 KiB, now
  double rows_per_block = 0;  ///< the planner's estimate, 0 when it has none
};

/// What the server's catalog says of the table or query, and what we shall read of it.
struct Table {
  std::uint32_t oid = 0;             ///< 0: a query
  std::string kind;                  ///< what it is, for people: `table`, `view`, `query`, ...
  std::string relation;              ///< database and table by their oids; empty: a query
  std::string shape;                 ///< what `shape_select` said when it was described
  std::string definition;            ///< what `definition_select` said when it was described
  std::string from;                  ///< what stands behind FROM, without alias
  std::string name;                  ///< without schema, for the schema's `table`
  std::vector<TableColumn> columns;  ///< all of them
  std::vector<std::string> key;      ///< column names, in key order
  /// An index of the server, or nothing but the operator's word, says that no two rows share a key.
  bool key_is_unique = false;
  /// Rows have xmin and ctid: an ordinary, partitioned or inherited table of heaps.
  bool is_heap = false;
  /// The role may read every leaf by its own name (not only through the partitioned parent).
  bool leaves_are_readable = true;
  /// The server checks that all text is UTF-8.
  bool text_is_utf8 = false;
  std::vector<Leaf> leaves;

  [[nodiscard]] const TableColumn* find(const std::string& column) const;
  /// As `find`; throws Error{config} naming the column and those there are.
  [[nodiscard]] const TableColumn& at(const std::string& column) const;
  [[nodiscard]] std::int64_t blocks() const;
  /// The columns of the key that may be NULL.
  [[nodiscard]] std::vector<std::string> nullable_key() const;
};

/// Asks the catalog. Throws Error{config} when a configured column is missing or the key is not
/// usable, and the server's error when the table is.
Task<Table> describe_table(pq::Session& session, const SourceSettings& settings);

/// The partitions and children of a table as they are now, at any depth, and the table itself where
/// it has storage.
Task<std::vector<Leaf>> read_leaves(pq::Session& session, std::uint32_t oid);

/// SQL for a digest of which table the name means and which partitions or children it has, as a
/// scalar. Another one: rows may have come that no transaction wrote since (a renamed table, an
/// attached partition). Cheap enough for each poll.
[[nodiscard]] std::string shape_select(const Table& table);

/// SQL for a digest of shape and columns (names, types, whether they may be null), as a scalar:
/// changes when what was described is true no more. NULL for a relation that is gone.
[[nodiscard]] std::string definition_select(const Table& table);

/// Throws Error{stale} when the digests differ: the relation must be described again.
void refuse_other_definition(std::string_view described, std::string_view now);

/// Asks whether the relation's columns are still those that were described; throws Error{stale}.
Task<> confirm_definition(pq::Session& session, const Table& table);

}  // namespace rowferry::postgres
