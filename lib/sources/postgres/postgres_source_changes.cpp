// What a source does when its table, or its server, is another than before, and what it says of it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "sources/postgres/definition.hpp"
#include "sources/postgres/postgres_source.hpp"

namespace rowferry::postgres {

// New columns are added, other types refused.
void PostgresSource::follow_definition() {
  const Definition now = definition_of(plan_->table, *plan_->schema, settings_.cursor);
  if (position_.definition && *position_.definition != now) {
    const DefinitionChange change = compare(*position_.definition, now);
    refuse_retyped(change, settings_.name());
    warn_of_change(change);
    if (change.reordered) {
      position_.pages.reset();
      position_.doing.reset();
      position_.sweeping.reset();
    }
  }
  position_.definition = now;
}

// As `follow_definition`, by a pass that leaves the rows of new partitions to the next poll.
void PostgresSource::follow_columns() {
  const std::optional<Definition> before = position_.definition;
  follow_definition();
  if (before) {
    position_.definition->relation = before->relation;
    position_.definition->leaves = before->leaves;
  }
}

// A poll finds what transactions wrote since; rows that came into the table by being attached with
// a partition, or under a new table of the old name, it does not. True when rows that were handed
// out before will come again.
bool PostgresSource::forget_other_relation() {
  const auto& known = position_.definition;
  if (!known || known->relation.empty() || known->relation == plan_->table.relation) {
    return false;
  }
  runtime_.log.warn(
      "the table is another one than before (it was made anew or renamed, or the job names "
      "another): "
      "all of it is copied; rows of the old one that are gone stay in the sink until reconcile",
      {{"job", settings_.job}, {"table", settings_.name()}});
  const bool was_under_way = position_.copy || position_.doing;
  position_ = SourcePosition{};
  return was_under_way;
}

// All rows that the server has were handed out.
void PostgresSource::end_verification() {
  if (std::exchange(position_.unverified, false) && context_->sink_knows_rows) {
    runtime_.log.warn(
        "the table was copied again from the server's new timeline; rows that were lost with the "
        "old one stay in the sink: delete them there, or write to a new target",
        {{"job", settings_.job}, {"table", settings_.name()}});
  }
}

// Outside of coroutines: g++ 12 miscompiles lists in braces inside them.
void PostgresSource::warn_of_overlap() const {
  runtime_.log.warn(
      "late commits are looked for by overlap only: exact polling needs a table, "
      "its primary server (or replica_of, which names it) and the role pg_read_all_stats",
      {{"job", settings_.job}, {"overlap_ms", settings_.overlap.count()}});
}

void PostgresSource::warn_of_promotion() const {
  runtime_.log.warn(
      "the server is no standby (was it promoted?): it is read as the primary that it is, and "
      "replica_of is left aside",
      {{"job", settings_.job}, {"connection", server_->name()}});
}

void PostgresSource::warn_of_change(const DefinitionChange& change) const {
  if (!change.added.empty()) {
    runtime_.log.warn(
        "new columns are sent from now on; rows that were sent before get them when "
        "they change, or from a full run (rowferry run --full)",
        {{"job", settings_.job}, {"columns", fmt::to_string(fmt::join(change.added, ", "))}});
  }
  if (!change.removed.empty()) {
    runtime_.log.warn(
        "columns are not read any more; rows that were sent before keep them",
        {{"job", settings_.job}, {"columns", fmt::to_string(fmt::join(change.removed, ", "))}});
  }
}

}  // namespace rowferry::postgres
