#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "pq/session.hpp"
#include "pq/types.hpp"

namespace rowferry::postgres_sink {

/// A column of the table that is written.
struct TargetColumn {
  std::string name;
  pq::TypeOid type = 0;
  int modifier = -1;
  std::string declared;  ///< as format_type prints it
  bool not_null = false;
  bool has_default = false;      ///< also an identity, or a generated value
  bool is_generated = false;     ///< takes no value
  bool always_identity = false;  ///< takes a value only when it is inserted
};

/// The table that is written, as the catalog has it.
struct TargetTable {
  /// Which table the name means: database and table oid. Another one: another table.
  std::string identity;
  std::string schema;
  std::string name;
  /// Both, quoted.
  std::string sql;
  std::vector<TargetColumn> columns;
  /// The columns of each unique index that ON CONFLICT can use.
  std::vector<std::vector<std::string>> unique_keys;
  bool is_referenced = false;  ///< foreign keys of other tables point at it

  [[nodiscard]] const TargetColumn* find(std::string_view column) const;
};

/// Looks the table up by its name as SQL writes it; nothing when it does not exist. Throws
/// Error{config} when it is a view or another thing that takes no rows.
Task<std::optional<TargetTable>> read_target(pq::Session& session, std::string table);

/// Whether the table holds no row.
Task<bool> is_empty(pq::Session& session, const TargetTable& target);

/// The parts of a name as SQL writes it, folded as the server does: schema (empty: none) and name.
struct QualifiedName {
  std::string schema;
  std::string name;
};
Task<QualifiedName> parse_name(pq::Session& session, std::string table);

}  // namespace rowferry::postgres_sink
