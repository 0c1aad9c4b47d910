#include "sources/postgres/block_ranges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rowferry::postgres {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Leaf leaf(std::uint32_t oid, std::int64_t blocks, double rows_per_block = 100,
          const std::string& file = "f") {
  Leaf made;
  made.oid = oid;
  made.file = file;
  made.blocks = blocks;
  made.rows_per_block = rows_per_block;
  return made;
}

std::string text(const OpenRange& range) {
  return std::to_string(range.leaf) + ":" + std::to_string(range.after.block) + "," +
         std::to_string(range.after.offset) + "-" + std::to_string(range.end);
}

std::vector<std::string> texts(const CopyProgress& progress) {
  std::vector<std::string> made;
  for (const OpenRange& range : progress.open) {
    made.push_back(text(range));
  }
  return made;
}

/// Takes and ends every range that is left.
std::vector<std::string> drain(BlockRanges& ranges, const std::vector<Leaf>& leaves) {
  std::vector<std::string> taken;
  for (auto range = ranges.take(leaves); range; range = ranges.take(leaves)) {
    taken.push_back(text(ranges.at(*range)));
    ranges.end(*range);
  }
  return taken;
}

TEST(BlockRanges, CoverEveryBlockOfEveryLeafOnce) {
  const std::vector<Leaf> leaves = {leaf(1, 25), leaf(2, 0), leaf(3, 1)};
  BlockRanges ranges(begin_copy(leaves), 1000);
  EXPECT_THAT(drain(ranges, leaves), ElementsAre("1:0,0-10", "1:10,0-20", "1:20,0-25", "3:0,0-1"));
  EXPECT_THAT(ranges.progress().open, SizeIs(0));
}

TEST(BlockRanges, OfAnEmptyTableAreNone) {
  const std::vector<Leaf> leaves = {leaf(1, 0)};
  BlockRanges ranges(begin_copy(leaves), 1000);
  EXPECT_FALSE(ranges.take(leaves));
}

TEST(BlockRanges, HoldAtLeastABlock) {
  const std::vector<Leaf> leaves = {leaf(1, 2, 5000)};
  BlockRanges ranges(begin_copy(leaves), 1);
  EXPECT_THAT(drain(ranges, leaves), ElementsAre("1:0,0-1", "1:1,0-2"));
}

TEST(BlockRanges, ReachTheLastBlockThatATableCanHave) {
  const std::vector<Leaf> leaves = {leaf(1, 0xffffffff)};
  CopyProgress progress = begin_copy(leaves);
  progress.leaves[0].next = 0xfffffffa;
  BlockRanges ranges(progress, 1000);
  EXPECT_THAT(drain(ranges, leaves), ElementsAre("1:4294967290,0-4294967295"));
}

TEST(BlockRanges, ArePartOfTheProgressFromTheMomentTheyAreCut) {
  const std::vector<Leaf> leaves = {leaf(1, 30)};
  BlockRanges ranges(begin_copy(leaves), 1000);
  const std::size_t first = *ranges.take(leaves);
  const std::size_t second = *ranges.take(leaves);
  ranges.advance(second, Tid{14, 7});
  EXPECT_THAT(texts(ranges.progress()), ElementsAre("1:0,0-10", "1:14,7-20"));
  EXPECT_EQ(ranges.progress().leaves[0].next, 20u);
  ranges.end(first);
  EXPECT_THAT(texts(ranges.progress()), ElementsAre("1:14,7-20"));
}

TEST(BlockRanges, GoOnWhereAKilledRunWas) {
  const std::vector<Leaf> leaves = {leaf(1, 30)};
  BlockRanges before(begin_copy(leaves), 1000);
  before.end(*before.take(leaves));
  before.advance(*before.take(leaves), Tid{12, 3});
  BlockRanges after(before.progress(), 1000);
  EXPECT_THAT(drain(after, leaves), ElementsAre("1:12,3-20", "1:20,0-30"));
}

TEST(BlockRanges, AreCutByTheRowsThatWereFound) {
  const std::vector<Leaf> leaves = {leaf(1, 1000)};
  BlockRanges ranges(begin_copy(leaves), 1000);
  const std::size_t first = *ranges.take(leaves);
  ranges.learn(ranges.at(first), 500);
  EXPECT_EQ(text(ranges.at(*ranges.take(leaves))), "1:10,0-30");
  ranges.learn(OpenRange{1, {10, 0}, 30}, 0);
  EXPECT_EQ(text(ranges.at(*ranges.take(leaves))), "1:30,0-70");
}

TEST(BlockRanges, AreReadInHalvesBehindTheLastRow) {
  const std::vector<Leaf> leaves = {leaf(1, 10)};
  BlockRanges ranges(begin_copy(leaves), 1000);
  const std::size_t range = *ranges.take(leaves);
  ranges.advance(range, Tid{5, 10});
  ASSERT_TRUE(ranges.can_halve(range));
  ranges.halve(range);
  EXPECT_EQ(text(ranges.at(range)), "1:5,10-7");
  EXPECT_THAT(texts(ranges.progress()), ElementsAre("1:5,10-7", "1:7,0-10"));
  ranges.halve(range);
  EXPECT_EQ(text(ranges.at(range)), "1:5,10-6");
  EXPECT_FALSE(ranges.can_halve(range));
  ranges.end(range);
  EXPECT_THAT(drain(ranges, leaves), ElementsAre("1:7,0-10", "1:6,0-7"));
}

TEST(BlockRanges, AreRecountedBehindASnapshot) {
  BlockRanges ranges(begin_copy({leaf(1, 5)}), 1000);
  const std::vector<Leaf> grown = {leaf(1, 8)};
  ranges.recount(grown);
  EXPECT_THAT(drain(ranges, grown), ElementsAre("1:0,0-8"));
}

TEST(FollowLeaves, GoesOnInTheSameFiles) {
  CopyProgress progress = begin_copy({leaf(1, 5), leaf(2, 5)});
  EXPECT_TRUE(follow_leaves(progress, {leaf(2, 9), leaf(1, 7)}));
  EXPECT_THAT(progress.leaves, SizeIs(2));
  EXPECT_EQ(progress.leaves[0].blocks, 5u);
}

TEST(FollowLeaves, IsOfNoUseOnceRowsLieElsewhere) {
  CopyProgress progress = begin_copy({leaf(1, 5), leaf(2, 5)});
  EXPECT_FALSE(follow_leaves(progress, {leaf(1, 5), leaf(2, 5, 100, "rewritten")}));
}

TEST(FollowLeaves, LeavesOutPartitionsThatAreGoneAndReadsNewOnes) {
  CopyProgress progress = begin_copy({leaf(1, 5), leaf(2, 5)});
  progress.open = {{1, {0, 0}, 5}, {2, {1, 1}, 5}};
  EXPECT_TRUE(follow_leaves(progress, {leaf(2, 5), leaf(3, 4)}));
  EXPECT_THAT(texts(progress), ElementsAre("2:1,1-5"));
  ASSERT_THAT(progress.leaves, SizeIs(2));
  EXPECT_EQ(progress.leaves[1].oid, 3u);
  EXPECT_EQ(progress.leaves[1].next, 0u);
}

TEST(FollowLeaves, IsOfNoUseForATableThatWasMadeAgain) {
  CopyProgress progress = begin_copy({leaf(1, 5)});
  EXPECT_FALSE(follow_leaves(progress, {leaf(9, 5)}));
}

TEST(SameFiles, WantsTheSameLeaves) {
  const CopyProgress progress = begin_copy({leaf(1, 5), leaf(2, 5)});
  EXPECT_TRUE(has_same_files(progress, {leaf(1, 6), leaf(2, 7)}));
  EXPECT_FALSE(has_same_files(progress, {leaf(1, 5)}));
  EXPECT_FALSE(has_same_files(progress, {leaf(1, 5), leaf(3, 5)}));
  EXPECT_FALSE(has_same_files(progress, {leaf(1, 5), leaf(2, 5, 100, "g")}));
}

}  // namespace
}  // namespace rowferry::postgres
