#include "tests/support/fake_versioned_sink.hpp"

namespace rowferry::test {

TestContent VersionedTarget::content() const {
  TestContent content;
  for (const auto& [id, entry] : entries) {
    if (!entry.removed) {
      content[id] = entry.title;
    }
  }
  return content;
}

SinkTraits FakeVersionedSink::traits() const {
  return {.identity = SinkIdentity::row,
          .commit_when = CommitWhen::any_write,
          .commit_bytes = 0,
          .commit_batches = 1,
          .writes_in_flight = 4,
          .takes_removals = true};
}

Task<> FakeVersionedSink::open(SchemaPointer /*schema*/, const RunContext& /*context*/,
                               Receipt /*receipt*/) {
  ++target_->opens;
  co_await target_->reach("open");
}

Task<WriteResult> FakeVersionedSink::write(const Batch& batch) {
  const WriteUnderWay under_way(*target_);
  co_await target_->reach("write");
  WriteResult result;
  std::vector<TestRow> taken;
  result.issues = target_->sort_out(batch, taken);
  for (const TestRow& row : taken) {
    VersionedTarget::Entry& entry = target_->entries[row.id];
    // Within a batch the later row of a key is the newer one.
    if (batch.sequence >= entry.version) {
      entry = {batch.sequence, row.operation == Operation::remove, row.title};
    }
  }
  result.bytes = batch.bytes();
  co_await target_->reach("written");
  co_return result;
}

Task<Receipt> FakeVersionedSink::flush(const Checkpoint& /*checkpoint*/) {
  ++target_->flushes;
  co_await target_->reach("flush");
  co_await target_->reach("flushed");
  co_return Receipt{};
}

Task<> FakeVersionedSink::finish(const RunSummary& /*summary*/) {
  ++target_->finishes;
  co_await target_->reach("finish");
  co_await target_->reach("finished");
}

Task<> FakeVersionedSink::close() { co_return; }

}  // namespace rowferry::test
