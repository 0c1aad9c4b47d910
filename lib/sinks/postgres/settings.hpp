#pragma once

#include <cstdint>
#include <string>

namespace rowferry::postgres_sink {

/// What becomes of rows in the target.
enum class WriteMode : std::uint8_t {
  upsert,   ///< a row replaces the one of its key
  append,   ///< rows are added, none is looked for
  replace,  ///< a full copy takes the place of all rows, in one transaction
};

/// What the configuration says of a table that is written.
struct SinkSettings {
  /// As it is written in SQL.
  std::string table;
  /// A table that is missing is made; so are columns that it lacks.
  bool create = true;
  WriteMode write = WriteMode::upsert;
};

}  // namespace rowferry::postgres_sink
