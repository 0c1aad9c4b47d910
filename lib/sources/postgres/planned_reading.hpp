#pragma once

#include <string>
#include <vector>

#include "core/preflight.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/reading_plan.hpp"

namespace rowferry::postgres {

/// A statement that a run will send, and its part that reads the table: what EXPLAIN is asked of.
struct ReadingStatement {
  std::string title;
  std::string sql;
  std::string reading;
  std::string settings;  ///< `SET LOCAL ...;` in the transaction around it; may be empty
};

/// What a pass over a table would look like, from the same parts as a real one. Pure.
struct PlannedReading {
  const Pass& pass;
  const ReadingPlan& plan;
  /// What a poll would start from now.
  const Mark& base;
};

/// The statements of polls and copies, in the order in which a new job meets them.
[[nodiscard]] std::vector<ReadingStatement> reading_statements(const PlannedReading& planned);

/// The statements of the polls of a table of tombstones; the idle one is a part of the source's.
[[nodiscard]] std::vector<ReadingStatement> tombstone_statements(const PlannedReading& planned);

/// How the job reads, a sentence each: copies, polls, and what that means for a killed run.
[[nodiscard]] std::vector<std::string> reading_ways(const PlannedReading& planned);

/// The columns in the order of the schema; behind them those that are read, but not sent.
[[nodiscard]] std::vector<PlannedColumn> planned_columns(const ReadingPlan& plan,
                                                         const SourceSettings& settings);

/// The batches that a pass holds beyond those that the engine keeps.
[[nodiscard]] std::vector<PlannedBuffer> reading_buffers(const PlannedReading& planned);

}  // namespace rowferry::postgres
