#pragma once

#include <string>
#include <vector>

#include "core/dead_letter.hpp"
#include "sqlite/database.hpp"

namespace rowferry {

/// The dead letters in a state file. All calls block; those that write stand in a transaction of
/// the caller.
class DeadLetterTable {
 public:
  /// The database must outlive the table.
  explicit DeadLetterTable(sqlite::Database& database) : database_(database) {}

  void add(const std::vector<DeadLetter>& letters);
  [[nodiscard]] std::vector<DeadLetter> list(const DeadLetterQuery& query);
  [[nodiscard]] std::vector<DeadLetterEntry> index(const std::string& job);
  [[nodiscard]] DeadLetterTotals totals(const std::string& job);
  void erase(const std::string& job, const std::vector<std::string>& ids);

 private:
  sqlite::Database& database_;
};

}  // namespace rowferry
