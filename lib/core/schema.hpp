#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace rowferry {

/// One column of a batch.
struct Column {
  std::string name;
  Type type;
  /// The type as the source's server spells it (`public.mood`, `inet`, `NVARCHAR(160)`).
  std::string source_type;
  bool nullable = true;
  /// The row's identity needs this column, but it was not asked for: it is not part of what
  /// reaches the sink.
  bool identity_only = false;
};

/// The columns of a batch, the same for all batches until the source says otherwise. Immutable and
/// shared once made.
struct Schema {
  /// The table's name as the sink shall know it, without its schema; for a query the job's name.
  std::string table;
  std::vector<Column> columns;
  /// Columns that identify a row in the source, before transforms: a search index's identity.
  /// Indexes into `columns`, in key order; empty: rows have no identity.
  std::vector<std::size_t> identity;
  /// The same columns after transforms: a SQL target's key. Equal to `identity` until a transform
  /// touches a key.
  std::vector<std::size_t> key;
  /// The source vouches that all text is UTF-8; else whoever needs that checks it.
  bool text_is_utf8 = false;

  /// The index of the column of that exact name.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  /// A stable text of names, types and keys: equal texts, equal schemas.
  [[nodiscard]] std::string fingerprint() const;
};

using SchemaPointer = std::shared_ptr<const Schema>;

}  // namespace rowferry
