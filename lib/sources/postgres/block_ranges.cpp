#include "sources/postgres/block_ranges.hpp"

#include <algorithm>
#include <utility>

namespace rowferry::postgres {
namespace {

// A statement reads about so many rows: long enough that its start costs nothing, short enough that
// a kill costs little.
constexpr double kRangeRows = 50'000;
// Before anything is known of a table's rows.
constexpr double kRowsPerBlock = 60;
constexpr double kBlocksMax = 65'536;

const Leaf* find(const std::vector<Leaf>& leaves, std::uint32_t oid) {
  const auto found = std::ranges::find(leaves, oid, &Leaf::oid);
  return found == leaves.end() ? nullptr : &*found;
}

CopyProgress::LeafProgress whole(const Leaf& leaf) {
  CopyProgress::LeafProgress progress;
  progress.oid = leaf.oid;
  progress.file = leaf.file;
  progress.blocks = static_cast<std::uint32_t>(leaf.blocks);
  return progress;
}

bool is_same_file(const CopyProgress::LeafProgress& known, const std::vector<Leaf>& leaves) {
  const Leaf* leaf = find(leaves, known.oid);
  return leaf != nullptr && leaf->file == known.file;
}

}  // namespace

BlockRanges::BlockRanges(CopyProgress progress, std::size_t rows_max)
    : progress_(std::move(progress)),
      rows_wanted_(std::min(kRangeRows, static_cast<double>(rows_max))) {
  for (const OpenRange& range : std::exchange(progress_.open, {})) {
    waiting_.push_back(ranges_.size());
    ranges_.emplace_back(range);
  }
}

std::optional<std::size_t> BlockRanges::take(const std::vector<Leaf>& leaves) {
  if (waiting_.empty()) {
    cut_next(leaves);
  }
  if (waiting_.empty()) {
    return std::nullopt;
  }
  const std::size_t range = waiting_.front();
  waiting_.pop_front();
  return range;
}

// From the first leaf that has blocks left.
void BlockRanges::cut_next(const std::vector<Leaf>& leaves) {
  for (CopyProgress::LeafProgress& known : progress_.leaves) {
    if (known.next >= known.blocks) {
      continue;
    }
    if (blocks_per_range_ == 0) {
      const Leaf* leaf = find(leaves, known.oid);
      const double estimate = leaf == nullptr ? 0 : leaf->rows_per_block;
      blocks_per_range_ = std::max(1.0, rows_wanted_ / (estimate > 0 ? estimate : kRowsPerBlock));
    }
    const auto size = static_cast<std::uint32_t>(std::min(blocks_per_range_, kBlocksMax));
    OpenRange range;
    range.leaf = known.oid;
    range.after = Tid{known.next, 0};
    range.end = known.blocks - known.next > size ? known.next + size : known.blocks;
    known.next = range.end;
    waiting_.push_back(ranges_.size());
    ranges_.emplace_back(range);
    return;
  }
}

bool BlockRanges::can_halve(std::size_t range) const {
  return ranges_[range]->end - ranges_[range]->after.block > 1;
}

void BlockRanges::halve(std::size_t range) {
  OpenRange second = *ranges_[range];
  second.after = Tid{second.after.block + (second.end - second.after.block) / 2, 0};
  ranges_[range]->end = second.after.block;
  waiting_.push_back(ranges_.size());
  ranges_.emplace_back(second);
  blocks_per_range_ = std::max(1.0, blocks_per_range_ / 2);
}

void BlockRanges::learn(const OpenRange& begun, std::size_t rows) {
  const double blocks = begun.end - begun.after.block;
  if (rows > 0) {
    blocks_per_range_ = std::max(1.0, rows_wanted_ * blocks / static_cast<double>(rows));
  } else {
    blocks_per_range_ = std::min(kBlocksMax, std::max(1.0, blocks_per_range_) * 2);
  }
}

void BlockRanges::recount(const std::vector<Leaf>& leaves) {
  for (CopyProgress::LeafProgress& known : progress_.leaves) {
    const Leaf* leaf = find(leaves, known.oid);
    known.blocks = leaf == nullptr ? known.blocks : static_cast<std::uint32_t>(leaf->blocks);
  }
}

CopyProgress BlockRanges::progress() const {
  CopyProgress progress = progress_;
  for (const auto& range : ranges_) {
    if (range) {
      progress.open.push_back(*range);
    }
  }
  return progress;
}

CopyProgress begin_copy(const std::vector<Leaf>& leaves) {
  CopyProgress progress;
  for (const Leaf& leaf : leaves) {
    progress.leaves.push_back(whole(leaf));
  }
  return progress;
}

bool follow_leaves(CopyProgress& progress, const std::vector<Leaf>& leaves) {
  const auto is_gone = [&leaves](std::uint32_t oid) { return find(leaves, oid) == nullptr; };
  std::erase_if(progress.leaves, [&](const auto& known) { return is_gone(known.oid); });
  std::erase_if(progress.open, [&](const OpenRange& range) { return is_gone(range.leaf); });
  const bool same = std::ranges::all_of(
      progress.leaves, [&leaves](const auto& known) { return is_same_file(known, leaves); });
  if (!same || (progress.leaves.empty() && !leaves.empty())) {
    return false;
  }
  for (const Leaf& leaf : leaves) {
    if (std::ranges::find(progress.leaves, leaf.oid, &CopyProgress::LeafProgress::oid) ==
        progress.leaves.end()) {
      progress.leaves.push_back(whole(leaf));
    }
  }
  return true;
}

bool has_same_files(const CopyProgress& progress, const std::vector<Leaf>& leaves) {
  return progress.leaves.size() == leaves.size() &&
         std::ranges::all_of(progress.leaves,
                             [&leaves](const auto& known) { return is_same_file(known, leaves); });
}

}  // namespace rowferry::postgres
