#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/components.hpp"

namespace rowferry::postgres {

/// How rows that commit late are found.
enum class LateCommits {
  exact,    ///< by the transactions that the last snapshot did not see
  overlap,  ///< by looking back a fixed time
  off,      ///< not at all: greater than the greatest cursor seen
};

/// In which order a first or full copy reads.
enum class ReadOrder { automatic, key, ctid };

/// Where the application keeps the keys of rows that it has deleted.
struct TombstoneSettings {
  std::string table;             ///< as written in SQL
  std::vector<std::string> key;  ///< its columns that hold the source's key; empty: the same names
  std::string deleted_at;
};

/// What the configuration says of a PostgreSQL source.
struct SourceSettings {
  std::string job;
  std::string table;  ///< as written in SQL; or
  std::string query;  ///< a SELECT without its semicolon
  std::vector<std::string> columns;
  std::string where;
  std::vector<std::string> key;
  std::string cursor;  ///< empty: a full copy each run
  std::string deleted_column;
  std::optional<TombstoneSettings> tombstones;
  bool sweeps = false;  ///< `sweep` is given; a job sweeps when asked to, all the same
  LateCommits late_commits = LateCommits::exact;
  ReadOrder read_order = ReadOrder::automatic;
  std::chrono::milliseconds overlap{600'000};
  std::chrono::milliseconds stamp_slack{60'000};
  /// The IANA zone in which the application stamps a cursor without time zone; empty: not known.
  std::string cursor_timezone;
  std::size_t chunk_rows = 250'000;
  std::size_t parallel = 1;
  std::size_t row_bytes_max = 16u << 20;

  /// What is read, as people call it.
  [[nodiscard]] const std::string& name() const { return table.empty() ? job : table; }
};

/// Reads `jobs.NAME.source` of a job whose connection is of type postgres.
[[nodiscard]] config::ParsedSource parse_postgres_source(const JobSettings& job,
                                                         const config::Node& source);

}  // namespace rowferry::postgres
