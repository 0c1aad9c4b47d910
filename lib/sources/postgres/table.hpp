#pragma once

#include <cstdint>
#include <optional>
#include <string>
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
  std::string source_type;  ///< as format_type prints it: what literals are cast to
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
  std::string from;                  ///< what stands behind FROM, without alias
  std::string name;                  ///< without schema, for the schema's `table`
  std::vector<TableColumn> columns;  ///< all of them
  std::vector<std::string> key;      ///< column names, in key order
  /// Rows have xmin and ctid: an ordinary, partitioned or inherited table of heaps.
  bool is_heap = false;
  /// The server checks that all text is UTF-8.
  bool text_is_utf8 = false;
  std::vector<Leaf> leaves;

  [[nodiscard]] const TableColumn* find(const std::string& column) const;
  /// As `find`; throws Error{config} naming the column and those there are.
  [[nodiscard]] const TableColumn& at(const std::string& column) const;
  [[nodiscard]] std::int64_t blocks() const;
};

/// Asks the catalog. Throws Error{config} when a configured column is missing or the key is not
/// usable, and the server's error when the table is.
Task<Table> describe_table(pq::Session& session, const SourceSettings& settings);

/// Whether both have the same columns, of the same types, in the same order.
[[nodiscard]] bool has_same_columns(const Table& left, const Table& right);

/// The type of cells for a type of the server; nothing when it is not of the closed set.
[[nodiscard]] std::optional<Type> closed_type(pq::TypeOid type, int modifier);

}  // namespace rowferry::postgres
