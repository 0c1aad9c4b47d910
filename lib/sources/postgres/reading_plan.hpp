#pragma once

#include "base/task.hpp"
#include "pq/session.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// What a table is, and how it is read: decided whenever it is looked up.
struct ReadingPlan {
  Table table;
  SchemaPointer schema;
  Mode mode = Mode::full;
  /// Copies go by ranges of blocks; else by key pages, or in one statement.
  bool by_ctid = false;
  /// A full copy goes page by page and can go on after a kill; else it has one snapshot.
  bool pages_full_copy = false;
  /// The rows are read on a standby, and marks are taken on its primary.
  bool by_standby = false;

  /// Exact mode was asked for, and the table could have it, but the server or the role does not
  /// allow it now.
  [[nodiscard]] bool lost_exact(const SourceSettings& settings) const {
    return mode == Mode::overlap && table.is_heap && settings.late_commits == LateCommits::exact;
  }
};

/// Looks the table up. Throws what `describe_table` throws, and Error{config} for a cursor that is
/// no time and a `read_order` that cannot be.
/// `server` is the connection of the session; where it leads to a standby, its primary decides.
Task<ReadingPlan> plan_reading(pq::Session& session, const SourceSettings& settings,
                               connections::PostgresConnection& server);

}  // namespace rowferry::postgres
