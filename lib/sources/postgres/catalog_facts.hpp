#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "pq/session.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// An index of the table or of one of its partitions.
struct IndexFacts {
  std::uint32_t relation = 0;  ///< the oid of what it is on
  std::string name;
  /// Its key columns in order; empty names are expressions.
  std::vector<std::string> columns;
  bool is_unique = false;
  bool is_valid = true;
  bool is_partial = false;
  /// A B-tree in the order that ORDER BY of its columns asks for, or in the opposite one.
  bool is_ordered = false;
};

/// A BEFORE UPDATE trigger that is called for each row.
struct TriggerFacts {
  std::uint32_t relation = 0;  ///< the oid of what it is on
  std::string name;
  std::string function;  ///< its name without schema
  std::string language;  ///< `plpgsql`, `c`, ...
  std::string source;    ///< the text of the function
  std::vector<std::string> arguments;
  bool is_enabled = true;
  bool is_for_some_columns = false;  ///< UPDATE OF ...
};

/// What the catalog says of a column beyond its type.
struct ColumnFacts {
  std::string name;
  std::string default_sql;  ///< of a generated column its expression; empty: none
  bool is_generated = false;
  bool is_readable = true;
};

/// What the server knows of a table and of our role that matters to a job, but not to its reading.
struct CatalogFacts {
  std::string user;
  bool is_standby = false;
  bool reads_all_stats = false;  ///< the role has pg_read_all_stats
  bool untracked = false;        ///< some sessions do not say what they do (track_activities)
  bool is_readable = true;       ///< SELECT on the whole table
  bool hides_rows = false;       ///< row level security applies to us
  bool is_unlogged = false;
  bool is_analyzed = true;
  std::vector<ColumnFacts> columns;
  std::vector<IndexFacts> indexes;
  std::vector<TriggerFacts> triggers;

  /// Null when there is no such column.
  [[nodiscard]] const ColumnFacts* find(const std::string& column) const;
};

/// Asks the catalog about a table that was described. Changes nothing.
Task<CatalogFacts> read_catalog_facts(pq::Session& session, const Table& table);

/// The tables that the role may see, with their schemas, for a hint; not all of very many.
Task<std::vector<std::string>> read_table_names(pq::Session& session);

}  // namespace rowferry::postgres
