#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/source.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {

/// One batch of a script, with the rows that the source itself finds unfit.
struct FakeBatch {
  std::vector<TestRow> rows;
  std::vector<RowIssue> issues;
};

/// What fake sources read; outlives them, like a server. Each pass hands out its batches, then
/// ends; behind the last pass the source is idle. The test may add passes at any time.
struct FakeScript {
  SchemaPointer schema = test_schema();
  std::vector<std::vector<FakeBatch>> passes;

  /// Called at each step (`open`, `next`); may throw, or wait.
  std::function<Task<>(std::string_view step)> before;
  /// The next open says that its position was of no use and reads the pass from its first batch.
  bool starts_over_once = false;
  std::string guarantee = "exact";

  std::vector<Position> opened;  ///< the positions given to `open`, in order
  std::vector<RunType> types;    ///< of the runs that `open` was told of, in order
  std::size_t rows_read = 0;     ///< rows handed out, repeated ones again
  std::size_t closed = 0;
};

/// Reads a script; its positions are `{"pass":0,"batch":2}`: what comes next.
class FakeSource : public Source {
 public:
  explicit FakeSource(std::shared_ptr<FakeScript> script) : script_(std::move(script)) {}

  Task<SourceOpened> open(const RunContext& context, Position position) override;
  Task<bool> next(Batch& batch) override;
  Task<> close() override;

 private:
  Task<std::int64_t> allot_sequence();
  [[nodiscard]] Position position() const;

  std::shared_ptr<FakeScript> script_;
  const RunContext* context_ = nullptr;
  std::size_t pass_ = 0;
  std::size_t batch_ = 0;
  std::int64_t last_sequence_ = 0;
};

}  // namespace rowferry::test
