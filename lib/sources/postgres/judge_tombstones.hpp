#pragma once

#include <memory>
#include <vector>

#include "core/preflight.hpp"
#include "sources/postgres/tombstones.hpp"

namespace rowferry::postgres {

/// What is said of a table of tombstones before a run.
struct JudgedTombstones {
  std::vector<Finding> findings;
  /// Null when it may not be read.
  std::unique_ptr<TombstoneTable> table;
};

/// Looks it up, and judges its privileges and indexes. Throws as `look_up_tombstones` does.
Task<JudgedTombstones> judge_tombstones(pq::Session& session, const SourceSettings& settings,
                                        const Table& source,
                                        connections::PostgresConnection& server);

}  // namespace rowferry::postgres
