#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/checkpoint.hpp"
#include "core/sink.hpp"
#include "tests/support/test_rows.hpp"

namespace rowferry::test {

/// What the fake sinks' servers have in common: faults that the test asks for, and counts. A target
/// outlives its sinks.
struct FakeTarget {
  /// Called before each step of a sink (`open`, `write`, `flush`, `finish`) and after the server
  /// has done it, before the sink hears of it (`written`, `flushed`, `finished`); may throw or
  /// wait.
  std::function<Task<>(std::string_view step)> at;
  /// Whether a row is refused, and how.
  std::function<std::optional<RowIssue>(const TestRow& row)> judge;
  /// Batches of more rows are refused as Error{too_large}.
  std::size_t batch_rows_max = SIZE_MAX;

  std::size_t opens = 0;
  std::size_t writes = 0;
  std::size_t flushes = 0;
  std::size_t finishes = 0;
  std::size_t rows_taken = 0;  ///< repeated ones again
  std::size_t writes_now = 0;
  std::size_t writes_at_once_most = 0;

  Task<> reach(std::string_view step) const;

  /// The issues of a batch; `taken` becomes the other rows.
  std::vector<RowIssue> sort_out(const Batch& batch, std::vector<TestRow>& taken);
};

/// Counts a write as under way.
class WriteUnderWay {
 public:
  explicit WriteUnderWay(FakeTarget& target) : target_(target) {
    ++target_.writes;
    ++target_.writes_now;
    target_.writes_at_once_most = std::max(target_.writes_at_once_most, target_.writes_now);
  }
  ~WriteUnderWay() { --target_.writes_now; }
  WriteUnderWay(const WriteUnderWay&) = delete;
  WriteUnderWay& operator=(const WriteUnderWay&) = delete;

 private:
  FakeTarget& target_;
};

}  // namespace rowferry::test
