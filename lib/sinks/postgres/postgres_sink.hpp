#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "core/sink.hpp"
#include "sinks/postgres/row_copy.hpp"
#include "sinks/postgres/settings.hpp"
#include "sinks/postgres/target_checkpoints.hpp"
#include "sinks/postgres/target_table.hpp"
#include "sinks/postgres/write_plan.hpp"

namespace rowferry {

/// Writes rows into a PostgreSQL table. A batch goes by COPY into a temporary staging table, and
/// from there with one statement into the target; rows and checkpoint are one transaction. While
/// the target was empty when the copy began, batches are copied straight in until one of them meets
/// a row that is there.
///
/// The transaction begins with the first batch behind a commit, in a session that is held from then
/// to the end of the run.
class PostgresSink final : public Sink {
 public:
  PostgresSink(std::shared_ptr<connections::PostgresConnection> server,
               postgres_sink::SinkSettings settings, const Runtime& runtime);
  ~PostgresSink() override;

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;
  Task<SinkExamination> examine(SinkExaminationRequest request) override;
  Task<std::int64_t> last_run_seq(std::string job, std::string table) override;
  void check(const Receipt& receipt) const override;
  CheckpointStore* checkpoints() override { return &checkpoints_; }

 private:
  using WriteMode = postgres_sink::WriteMode;

  // Opening (opening.cpp).
  [[nodiscard]] bool serves(const RunContext& context) const;
  Task<> prepare(const Receipt& receipt);
  Task<postgres_sink::TargetTable> find_or_make_target(std::string relation);
  Task<postgres_sink::TargetTable> with_all_columns(postgres_sink::TargetTable target);
  Task<bool> takes_rows_directly(std::int64_t direct_run);
  void refuse_lost_target(std::string_view now) const;
  [[noreturn]] void refuse_missing_target() const;
  void refuse_missing_columns(const postgres_sink::TargetTable& target,
                              const std::vector<std::size_t>& missing) const;
  [[nodiscard]] std::string names_of(const std::vector<std::size_t>& columns) const;
  void tell_made() const;
  void tell_added(const std::vector<std::size_t>& missing) const;

  // Examining (examination.cpp).
  Task<bool> may(std::string condition);
  Task<> examine_target(const SinkExaminationRequest& request, SinkExamination& result);
  Task<> examine_rights(const postgres_sink::TargetTable& target, SinkExamination& result);
  Task<> examine_columns(postgres_sink::TargetTable target, std::vector<std::string> types,
                         SinkExamination& result);
  Task<> examine_making(const std::vector<std::string>& types, SinkExamination& result);
  void describe(const SinkExaminationRequest& request, const std::vector<std::string>& types,
                SinkExamination& result) const;

  // Writing.
  void choose_rows(const Batch& batch, WriteResult& result);
  [[nodiscard]] bool has_removals(const Batch& batch) const;
  Task<> begin();
  Task<> set_savepoint();
  Task<> roll_back();
  Task<> put(const Batch& batch);
  Task<bool> copy_into_target(const Batch& batch);
  Task<> stage_and_move(const Batch& batch);
  Task<> copy_in(const pq::Statement& copying, const Batch& batch, postgres_sink::RowHead head);
  Task<> commit(const Checkpoint& checkpoint);
  [[noreturn]] void refuse_for_good(const Error& error) const;
  [[nodiscard]] Receipt receipt() const;
  [[nodiscard]] pq::Statement statement(std::string_view what, std::string sql) const;

  std::shared_ptr<connections::PostgresConnection> server_;
  postgres_sink::SinkSettings settings_;
  Runtime runtime_;
  postgres_sink::TargetCheckpoints checkpoints_;

  /// Held from the opening of a run to its end.
  connections::Lease lease_;
  std::string job_;
  std::string unit_;
  std::int64_t run_seq_ = 0;
  SchemaPointer schema_;
  postgres_sink::TargetTable table_;
  postgres_sink::WritePlan plan_;
  std::string identity_;  ///< which table it is
  bool is_open_ = false;
  bool is_direct_ = false;  ///< rows are copied straight into the target
  bool in_transaction_ = false;
  bool has_staged_ = false;  ///< in this transaction
  std::int64_t sequence_ = 0;

  // The batch that is written.
  std::vector<std::size_t> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace rowferry
