#include "tests/support/fake_target.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace rowferry::test {

Task<> FakeTarget::reach(std::string_view step) const {
  if (at) {
    co_await at(step);
  }
}

std::vector<RowIssue> FakeTarget::sort_out(const Batch& batch, std::vector<TestRow>& taken) {
  if (batch.rows() > batch_rows_max) {
    throw Error(Failure::too_large, fmt::format("at most {} rows at once", batch_rows_max));
  }
  std::vector<RowIssue> issues;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const TestRow test = test_row(batch, row);
    std::optional<RowIssue> issue = judge ? judge(test) : std::nullopt;
    if (issue) {
      issue->row = row;
      issues.push_back(std::move(*issue));
    } else {
      taken.push_back(test);
      ++rows_taken;
    }
  }
  return issues;
}

}  // namespace rowferry::test
