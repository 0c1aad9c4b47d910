#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/sink.hpp"
#include "core/state_store.hpp"
#include "tests/support/fake_target.hpp"

namespace rowferry::test {

/// A database: rows and checkpoints, changed together or not at all.
struct TransactionalTarget : FakeTarget {
  TestContent rows;
  std::int64_t last_sequence = 0;
  std::map<std::pair<std::string, std::string>, Checkpoint> checkpoints;

  [[nodiscard]] TestContent content() const { return rows; }
};

/// The checkpoints that a TransactionalTarget keeps.
class FakeCheckpoints : public CheckpointStore {
 public:
  explicit FakeCheckpoints(std::shared_ptr<TransactionalTarget> target)
      : target_(std::move(target)) {}

  Task<std::optional<Checkpoint>> load(std::string job, std::string unit) override;
  Task<> save(std::string job, std::string unit, Checkpoint checkpoint) override;
  Task<> erase(std::string job, std::string unit) override;
  Task<std::vector<std::string>> units(std::string job) override;

 private:
  std::shared_ptr<TransactionalTarget> target_;
};

/// Identity row, no versions: batches are applied strictly in the order of their sequence, one
/// below the last committed one is Error{stale}. A flush commits rows and checkpoint.
class FakeTransactionalSink : public Sink {
 public:
  explicit FakeTransactionalSink(std::shared_ptr<TransactionalTarget> target)
      : target_(target), checkpoints_(std::move(target)) {}

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;
  CheckpointStore* checkpoints() override { return &checkpoints_; }

 private:
  std::shared_ptr<TransactionalTarget> target_;
  FakeCheckpoints checkpoints_;
  std::string job_;
  std::string unit_;
  std::vector<TestRow> uncommitted_;
  std::int64_t last_sequence_ = 0;
};

}  // namespace rowferry::test
