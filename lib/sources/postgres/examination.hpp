#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "core/preflight.hpp"
#include "sources/postgres/config.hpp"
#include "sources/postgres/planned_reading.hpp"

namespace rowferry::postgres {

/// What `PostgresSource::examine` does: looks at table, columns, privileges, indexes and triggers
/// in a session whose transactions are read-only, has the server explain every statement (never
/// carry it out), and for Depth::plan reads a few rows. References outlive it.
class Examination {
 public:
  Examination(const SourceSettings& settings, connections::PostgresConnection& server,
              const Runtime& runtime, SourceExaminationRequest request);
  ~Examination();

  /// Once.
  Task<SourceExamination> run();

 private:
  struct Knowledge;

  Task<> examine(pq::Session& session);
  Task<bool> describe(pq::Session& session);
  Task<> judge(pq::Session& session);
  Task<> check_where(pq::Session& session);
  Task<> plan(pq::Session& session);
  Task<> take_base(pq::Session& session);
  Task<> estimate(pq::Session& session);
  Task<> explain(pq::Session& session);
  Task<> read_samples(pq::Session& session);
  Task<> look_at_tombstones(pq::Session& session);
  Task<> explain_all(pq::Session& session, std::vector<ReadingStatement> statements);
  Task<std::string> explain(pq::Session& session, std::string sql, std::string settings);
  void note(Finding finding);
  void note_all(std::vector<Finding> findings);
  void note_table();

  const SourceSettings& settings_;
  connections::PostgresConnection& server_;
  SourceExaminationRequest request_;
  SourceExamination result_;
  std::unique_ptr<Knowledge> known_;
};

}  // namespace rowferry::postgres
