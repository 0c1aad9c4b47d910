#include "tests/contract/sink_contract.hpp"

#include <fmt/format.h>

#include "base/async.hpp"

namespace rowferry::test {
namespace {

Task<> write_one(Sink& sink, const Batch& batch, std::size_t& issues) {
  const WriteResult result = co_await sink.write(batch);
  issues += result.issues.size();
}

Task<std::size_t> write_all(Sink& sink, const std::vector<const Batch*>& batches,
                            const boost::asio::any_io_executor& executor) {
  std::size_t issues = 0;
  TaskGroup group(executor);
  for (const Batch* batch : batches) {
    group.spawn(write_one(sink, *batch, issues));
  }
  co_await group.join();
  co_return issues;
}

}  // namespace

void SinkContract::SetUp() {
  harness_ = GetParam().make(loop_);
  sink_ = harness_->make_sink();
}

void SinkContract::TearDown() {
  if (sink_) {
    loop_.run(sink_->close());
  }
}

void SinkContract::open(std::int64_t run_seq, bool full_copy, bool starts_over) {
  context_ = loop_.context(run_seq);
  context_->full_copy = full_copy;
  context_->starts_over = starts_over;
  loop_.run(sink_->open(schema_, *context_, loop_.saved_receipt));
}

void SinkContract::open_with(const SchemaPointer& schema) {
  schema_ = schema;
  loop_.run(sink_->open(schema_, *context_, loop_.saved_receipt));
}

Batch SinkContract::next_batch(const std::vector<TestRow>& rows) {
  Batch batch = make_batch(schema_, rows, ++sequence_);
  batch.read_at = std::chrono::steady_clock::now();
  return batch;
}

WriteResult SinkContract::write(const std::vector<TestRow>& rows) {
  const Batch batch = next_batch(rows);
  return write(batch);
}

WriteResult SinkContract::write(const Batch& batch) { return loop_.run(sink_->write(batch)); }

void SinkContract::write_at_once(const std::vector<const Batch*>& batches) {
  EXPECT_EQ(loop_.run(write_all(*sink_, batches, loop_.executor())), 0u);
}

void SinkContract::commit() {
  checkpoint_.position.json = fmt::format("{{\"sequence\":{}}}", sequence_);
  checkpoint_.run_seq = context_->run_seq;
  loop_.saved_receipt = loop_.run(sink_->flush(checkpoint_));
}

void SinkContract::flush_without_saving() {
  std::ignore = loop_.run(sink_->flush(checkpoint_));
  kill();
}

void SinkContract::finish() {
  RunSummary summary;
  summary.checkpoint = checkpoint_;
  loop_.run(sink_->finish(summary));
}

void SinkContract::kill() { sink_ = harness_->make_sink(); }

void SinkContract::close() { loop_.run(sink_->close()); }

void SinkContract::expect_content(const TestContent& expected) {
  EXPECT_EQ(harness_->content(), expected);
  EXPECT_GE(harness_->rows_as_read(), expected.size());
}

}  // namespace rowferry::test
