#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/run.hpp"
#include "core/state_store.hpp"
#include "sqlite/database.hpp"

namespace rowferry {

/// The history of runs and what is kept per job, in a state file. All calls block; those that write
/// stand in a transaction of the caller.
class RunTable {
 public:
  /// The database must outlive the table.
  RunTable(sqlite::Database& database, std::size_t history_runs)
      : database_(database), history_runs_(history_runs) {}

  [[nodiscard]] Run start(Run run);
  void update(const Run& run);
  [[nodiscard]] std::vector<Run> list(const RunQuery& query);
  [[nodiscard]] std::optional<Run> find(std::int64_t id);

  /// The number of a job in this file, allotted at its first mention.
  [[nodiscard]] std::int64_t job_number(const std::string& job);
  void raise_run_seq(const std::string& job, std::int64_t run_seq);
  [[nodiscard]] std::int64_t sequence_mark(const std::string& job);
  void raise_sequence_mark(const std::string& job, std::int64_t mark);
  [[nodiscard]] bool paused(const std::string& job);
  void set_paused(const std::string& job, bool paused);

 private:
  [[nodiscard]] std::int64_t job_value(std::string_view column, const std::string& job);
  void raise(std::string_view column, const std::string& job, std::int64_t value);
  void cut_history(const std::string& job);

  sqlite::Database& database_;
  std::size_t history_runs_;
};

}  // namespace rowferry
