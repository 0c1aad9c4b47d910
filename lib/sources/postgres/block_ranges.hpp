#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sources/postgres/mark.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {

/// The ranges of blocks that a copy reads: cuts them, gives them to readers, and knows how far
/// everything handed out is. A range is named by its number, for as long as the copy lives.
class BlockRanges {
 public:
  /// `progress` from `begin_copy`, or of a killed run; `rows_max`: what one statement shall read.
  BlockRanges(CopyProgress progress, std::size_t rows_max);

  /// The next range to read: first those left open, then new ones. `leaves`: for estimates.
  std::optional<std::size_t> take(const std::vector<Leaf>& leaves);

  [[nodiscard]] const OpenRange& at(std::size_t range) const { return *ranges_[range]; }

  /// Rows up to this one are handed out.
  void advance(std::size_t range, Tid last) { ranges_[range]->after = last; }
  /// All rows of the range are handed out.
  void end(std::size_t range) { ranges_[range].reset(); }

  /// Whether the range can be read in two halves.
  [[nodiscard]] bool can_halve(std::size_t range) const;
  /// Ends the range in its middle; the rest is a range of its own, for whoever takes it.
  void halve(std::size_t range);

  /// A range, as it was when it was begun, had so many rows: the next ones are cut by it.
  void learn(const OpenRange& begun, std::size_t rows);

  /// The leaves are as long as this now. Before the first range is taken.
  void recount(const std::vector<Leaf>& leaves);

  /// How far everything handed out is.
  [[nodiscard]] CopyProgress progress() const;

 private:
  void cut_next(const std::vector<Leaf>& leaves);

  CopyProgress progress_;  // without its open ranges
  double rows_wanted_;
  // Ended ones are empty.
  std::vector<std::optional<OpenRange>> ranges_;
  std::deque<std::size_t> waiting_;
  double blocks_per_range_ = 0;
};

/// The progress of a copy that begins now: all blocks of all leaves.
[[nodiscard]] CopyProgress begin_copy(const std::vector<Leaf>& leaves);

/// Fits the progress of a killed run to the leaves as they are now: partitions that are gone are
/// left out, new ones are read. False when it is of no use any more: a leaf has another file (its
/// rows lie elsewhere), or none is left.
[[nodiscard]] bool follow_leaves(CopyProgress& progress, const std::vector<Leaf>& leaves);

/// Whether the copy's leaves are these, in the same files.
[[nodiscard]] bool has_same_files(const CopyProgress& progress, const std::vector<Leaf>& leaves);

}  // namespace rowferry::postgres
