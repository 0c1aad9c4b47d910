#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connections/postgres/postgres_connection.hpp"
#include "core/state_store.hpp"

namespace rowferry::postgres_sink {

/// The rows of `rowferry.checkpoint` in the target: one a unit of a job, written by every
/// transaction that writes rows. Makes schema and table when they are missing.
///
/// Whoever loads a checkpoint takes the unit over: its generation is raised and committed first, so
/// a transaction of a dead process that is still under way finds another one and ends.
class TargetCheckpoints : public CheckpointStore {
 public:
  explicit TargetCheckpoints(std::shared_ptr<connections::PostgresConnection> server)
      : server_(std::move(server)) {}

  Task<std::optional<Checkpoint>> load(std::string job, std::string unit) override;
  Task<> save(std::string job, std::string unit, Checkpoint checkpoint) override;
  Task<> erase(std::string job, std::string unit) override;
  Task<std::vector<std::string>> units(std::string job) override;

  /// The greatest run_seq of the checkpoints of a job; 0 when there is none.
  Task<std::int64_t> last_run_seq(std::string job);

  /// Whether `load` has taken this unit over.
  [[nodiscard]] bool owns(const std::string& job, const std::string& unit) const {
    return generation_ != 0 && job_ == job && unit_ == unit;
  }
  /// The unit is somebody else's, or may be.
  void forget() { generation_ = 0; }

  /// Within the open transaction of a session: locks the row until the transaction ends. Throws
  /// Error{stale} when another process has taken the unit over.
  Task<> confirm(pq::Session& session);
  /// SQL that writes the checkpoint of the unit that was taken over.
  [[nodiscard]] std::string save_sql(const Checkpoint& checkpoint, std::int64_t sequence) const;

 private:
  Task<> make_table(pq::Session& session);
  Task<pq::Result> ask(std::string_view purpose, std::string sql);
  [[nodiscard]] bool is_ours(const pq::Result& found) const;

  std::shared_ptr<connections::PostgresConnection> server_;
  std::string job_;
  std::string unit_;
  std::int64_t generation_ = 0;
};

}  // namespace rowferry::postgres_sink
