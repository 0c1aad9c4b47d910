#include "tests/support/fake_transactional_sink.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace rowferry::test {

Task<std::optional<Checkpoint>> FakeCheckpoints::load(std::string job, std::string unit) {
  const auto found = target_->checkpoints.find({job, unit});
  if (found == target_->checkpoints.end()) {
    co_return std::nullopt;
  }
  co_return found->second;
}

Task<> FakeCheckpoints::save(std::string job, std::string unit, Checkpoint checkpoint) {
  target_->checkpoints[{job, unit}] = std::move(checkpoint);
  co_return;
}

Task<> FakeCheckpoints::erase(std::string job, std::string unit) {
  target_->checkpoints.erase({job, unit});
  co_return;
}

Task<std::vector<std::string>> FakeCheckpoints::units(std::string job) {
  std::vector<std::string> units;
  for (const auto& [name, checkpoint] : target_->checkpoints) {
    if (name.first == job) {
      units.push_back(name.second);
    }
  }
  co_return units;
}

SinkTraits FakeTransactionalSink::traits() const {
  return {.identity = SinkIdentity::row,
          .commit_when = CommitWhen::batches,
          .commit_bytes = 0,
          .commit_batches = 4,
          .writes_in_flight = 1,
          .takes_removals = true};
}

Task<> FakeTransactionalSink::open(SchemaPointer /*schema*/, const RunContext& context,
                                   Receipt /*receipt*/) {
  ++target_->opens;
  co_await target_->reach("open");
  job_ = context.job;
  unit_ = context.unit;
}

Task<WriteResult> FakeTransactionalSink::write(const Batch& batch) {
  const WriteUnderWay under_way(*target_);
  co_await target_->reach("write");
  if (batch.sequence < std::max(last_sequence_, target_->last_sequence)) {
    throw Error(Failure::stale, fmt::format("page {} is overtaken", batch.sequence));
  }
  WriteResult result;
  std::vector<TestRow> taken;
  result.issues = target_->sort_out(batch, taken);
  uncommitted_.insert(uncommitted_.end(), taken.begin(), taken.end());
  last_sequence_ = batch.sequence;
  result.bytes = batch.bytes();
  co_await target_->reach("written");
  co_return result;
}

Task<Receipt> FakeTransactionalSink::flush(const Checkpoint& checkpoint) {
  ++target_->flushes;
  co_await target_->reach("flush");
  apply_rows(target_->rows, uncommitted_);
  uncommitted_.clear();
  target_->last_sequence = std::max(target_->last_sequence, last_sequence_);
  target_->checkpoints[{job_, unit_}] = checkpoint;
  co_await target_->reach("flushed");
  co_return Receipt{};
}

Task<> FakeTransactionalSink::finish(const RunSummary& /*summary*/) {
  ++target_->finishes;
  co_await target_->reach("finish");
  co_await target_->reach("finished");
}

Task<> FakeTransactionalSink::close() {
  uncommitted_.clear();
  last_sequence_ = 0;
  co_return;
}

}  // namespace rowferry::test
