#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "tests/support/test_loop.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {

/// One target of a kind, and how to look at it from outside.
class SinkHarness {
 public:
  virtual ~SinkHarness() = default;

  /// A sink of a new process over the same target.
  virtual std::unique_ptr<Sink> make_sink() = 0;

  /// What a reader of the target finds.
  virtual TestContent content() = 0;

  /// How many rows such a reader counts: more than `content` has where rows are doubled.
  virtual std::size_t rows_as_read() { return content().size(); }

  /// A row that the target refuses for good; nothing when it takes every row.
  virtual std::optional<TestRow> refused_row() { return std::nullopt; }
};

/// A kind of sink under its name.
struct SinkKind {
  std::string name;
  std::function<std::unique_ptr<SinkHarness>(TestLoop& loop)> make;

  /// How gtest prints it.
  friend void PrintTo(const SinkKind& kind, std::ostream* out) { *out << kind.name; }
};

/// What the engine relies on in a sink, and does with it, without the engine. The instantiations
/// are in sink_contract_test.cpp.
class SinkContract : public testing::TestWithParam<SinkKind> {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Opens the sink for a run, with the receipt that was saved last.
  void open(std::int64_t run_seq = 1, bool full_copy = false, bool starts_over = false);
  /// Opens it again within the run, with another schema.
  void open_with(const SchemaPointer& schema);

  /// Writes rows as the next batch.
  WriteResult write(const std::vector<TestRow>& rows);
  WriteResult write(const Batch& batch);
  /// A batch with the next sequence.
  Batch next_batch(const std::vector<TestRow>& rows);
  /// Writes all of them at once; they stand in the order of reading.
  void write_at_once(const std::vector<const Batch*>& batches);

  /// Flushes, and saves the receipt.
  void commit();
  /// Flushes, and dies before the receipt is saved.
  void flush_without_saving();
  void finish();
  void commit_and_finish() {
    commit();
    finish();
  }
  /// The process dies, as by SIGKILL; the next one has a new sink, not open yet.
  void kill();
  /// The engine closes the sink after an error.
  void close();

  [[nodiscard]] SinkTraits traits() { return sink_->traits(); }
  void expect_content(const TestContent& expected);

  TestLoop loop_;
  std::unique_ptr<SinkHarness> harness_;
  std::unique_ptr<Sink> sink_;
  std::optional<RunContext> context_;
  SchemaPointer schema_ = test_schema();
  std::int64_t sequence_ = 1000;
  Checkpoint checkpoint_;
};

}  // namespace rowferry::test
