#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/task.hpp"
#include "core/batch.hpp"
#include "pq/session.hpp"
#include "sources/postgres/projection.hpp"

namespace rowferry::postgres {

/// What the planner expects of a statement.
struct Estimate {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

/// Asks the planner about a SELECT, without carrying it out.
Task<Estimate> estimate_rows(pq::Session& session, std::string select);

/// The few rows of a SELECT of a projection as a batch, numbered as if they were read now. Throws
/// the server's error; waits 10 seconds at most.
Task<std::shared_ptr<Batch>> sample_rows(pq::Session& session, Projection projection,
                                         std::string select);

}  // namespace rowferry::postgres
