#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "core/checkpoint.hpp"
#include "sqlite/database.hpp"

namespace rowferry {

/// The checkpoints in a state file: of each unit the last two generations, each with a CRC-32C over
/// job, unit, generation and content. All calls block.
class CheckpointTable {
 public:
  /// Both must outlive the table.
  CheckpointTable(sqlite::Database& database, Log& log) : database_(database), log_(log) {}

  /// The newest sound generation. Warns when that is not the newest one; throws Error{internal}
  /// when there are generations but none is sound.
  [[nodiscard]] std::optional<Checkpoint> load(const std::string& job, const std::string& unit);

  /// Writes over the older generation. The caller holds a transaction.
  void save(const std::string& job, const std::string& unit, const Checkpoint& checkpoint);
  void erase(const std::string& job, const std::string& unit);
  [[nodiscard]] std::vector<std::string> units(const std::string& job);

 private:
  sqlite::Database& database_;
  Log& log_;
};

}  // namespace rowferry
