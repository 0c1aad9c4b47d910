#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "core/batch.hpp"

namespace rowferry {

/// The rows of a batch as the bytes of an object, one after another, each with its line end; kept
/// and used again.
struct EncodedRows {
  Buffer bytes;
  /// Where each encoded row ends in `bytes`.
  std::vector<std::size_t> ends;
  /// For each encoded row the index of its values of `{column:..}` in `groups`; empty when the key
  /// has no such field: then all rows are of group 0.
  std::vector<std::uint32_t> group_of_row;
  std::vector<std::vector<std::string>> groups;
  /// Rows of the batch that could not be encoded.
  std::vector<RowIssue> issues;

  void clear() {
    bytes.clear();
    ends.clear();
    group_of_row.clear();
    groups.clear();
    issues.clear();
  }
  [[nodiscard]] std::size_t rows() const { return ends.size(); }
  [[nodiscard]] std::size_t begin_of(std::size_t row) const { return row == 0 ? 0 : ends[row - 1]; }
  [[nodiscard]] std::uint32_t group_of(std::size_t row) const {
    return group_of_row.empty() ? 0 : group_of_row[row];
  }
  /// The bytes of the rows [first, last).
  [[nodiscard]] std::string_view view(std::size_t first, std::size_t last) const {
    const std::size_t begin = begin_of(first);
    return bytes.view(begin, begin_of(last) - begin);
  }
};

}  // namespace rowferry
