#include "sources/postgres/judge_tombstones.hpp"

#include <utility>

#include "sources/postgres/judgement.hpp"

namespace rowferry::postgres {
namespace {

// Told apart from what is found of the source.
void add(std::vector<Finding> findings, std::vector<Finding>& all) {
  for (Finding& finding : findings) {
    finding.text = "source.tombstones: " + finding.text;
    all.push_back(std::move(finding));
  }
}

}  // namespace

Task<JudgedTombstones> judge_tombstones(pq::Session& session, const SourceSettings& settings,
                                        const Table& source,
                                        connections::PostgresConnection& server) {
  JudgedTombstones made;
  std::unique_ptr<TombstoneTable> table =
      co_await look_up_tombstones(session, settings, source, server);
  const CatalogFacts facts = co_await read_catalog_facts(session, table->plan.table);
  const Judged judged{table->plan.table, table->settings, facts};
  std::vector<Finding> privileges = judge_privileges(judged);
  const bool may_read = !has_fault(privileges);
  add(std::move(privileges), made.findings);
  add(judge_indexes(judged), made.findings);
  if (may_read) {
    made.table = std::move(table);
  }
  co_return made;
}

}  // namespace rowferry::postgres
