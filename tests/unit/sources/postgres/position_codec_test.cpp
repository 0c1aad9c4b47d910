#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/error.hpp"
#include "sources/postgres/mark.hpp"

namespace rowferry::postgres {
namespace {

Mark exact_mark() {
  Mark mark;
  mark.low = "2026-11-20 10:00:00.123456+00";
  mark.xmin = (FullXid{7} << 32) + 3;
  mark.seen = {mark.xmin, mark.xmin + 900};
  mark.incarnation = "7429/00000001/2026-11-20 09:00:00+00";
  return mark;
}

SourcePosition whole_position() {
  SourcePosition position;
  position.done = exact_mark();
  position.doing = exact_mark();
  position.doing->low = "infinity";
  position.pages.emplace();
  position.pages->cursor = "0044-03-15 00:00:00+00 BC";
  position.pages->key = {"1", "quote \" back \\ line \n \xc3\xa9"};
  position.pages->unbounded = true;
  position.pages->keyless = true;
  position.sweep = true;
  position.swept = exact_mark();
  position.sweeping = SweepProgress{1'767'225'600'000'001, sweep_base(exact_mark()), {"7", "x"}};
  position.tombstones = TombstoneProgress{"5/78 deleted_at (id)", exact_mark(), exact_mark(), {}};
  position.tombstones->pages.emplace();
  position.tombstones->pages->key = {"9"};
  position.definition =
      Definition{{{"id", "bigint"}, {"title", "text"}}, {"id"}, "updated_at", "5/77", {12, 13}};
  return position;
}

CopyProgress copy_by_ctid() {
  CopyProgress copy;
  copy.leaves = {{16384, "16390", 0xfffffffe, 700}, {16400, "16400", 0, 0}};
  copy.open = {{16384, {3, 0xffff}, 10}, {16384, {690, 0}, 700}};
  copy.incarnation = "7429/00000001/now";
  return copy;
}

Position again(const Position& position) { return encode(decode(position)); }

TEST(PositionCodec, GivesBackWhatItWasGiven) {
  const SourcePosition position = whole_position();
  const SourcePosition read = decode(encode(position));
  EXPECT_EQ(read.done->low, position.done->low);
  EXPECT_EQ(read.done->xmin, position.done->xmin);
  EXPECT_EQ(read.done->seen, position.done->seen);
  EXPECT_EQ(read.done->incarnation, position.done->incarnation);
  EXPECT_EQ(read.doing->low, "infinity");
  EXPECT_EQ(read.pages->cursor, position.pages->cursor);
  EXPECT_EQ(read.pages->key, position.pages->key);
  EXPECT_FALSE(read.pages->nulls);
  EXPECT_TRUE(read.pages->unbounded);
  EXPECT_EQ(read.definition, position.definition);
  EXPECT_FALSE(read.copy);
  EXPECT_EQ(read.tombstones->table, "5/78 deleted_at (id)");
  EXPECT_EQ(read.tombstones->done.xmin, position.done->xmin);
  EXPECT_EQ(read.tombstones->doing->seen, position.done->seen);
  EXPECT_EQ(read.tombstones->pages->key, position.tombstones->pages->key);
  EXPECT_EQ(read.swept->xmin, position.swept->xmin);
  EXPECT_EQ(read.swept->seen, position.swept->seen);
  EXPECT_EQ(read.swept->incarnation, position.swept->incarnation);
  EXPECT_EQ(read.sweeping->run_started, 1'767'225'600'000'001);
  EXPECT_EQ(read.sweeping->mark.xmin, position.swept->xmin);
  EXPECT_EQ(read.sweeping->key, position.sweeping->key);
  EXPECT_FALSE(read.full);
  EXPECT_EQ(again(encode(position)), encode(position));
}

TEST(PositionCodec, GivesBackWhatAStandbyMustHaveReplayed) {
  SourcePosition position;
  position.doing = exact_mark();
  EXPECT_TRUE(decode(encode(position)).doing->log_end.empty());
  EXPECT_FALSE(decode(encode(position)).unverified);
  position.doing->log_end = "16/B374D848";
  position.unverified = true;
  EXPECT_EQ(decode(encode(position)).doing->log_end, "16/B374D848");
  EXPECT_TRUE(decode(encode(position)).unverified);
}

TEST(PositionCodec, GivesBackACopyByRanges) {
  SourcePosition position;
  position.doing = exact_mark();
  position.copy = copy_by_ctid();
  const CopyProgress read = *decode(encode(position)).copy;
  ASSERT_EQ(read.leaves.size(), 2u);
  EXPECT_EQ(read.leaves[0].oid, 16384u);
  EXPECT_EQ(read.leaves[0].file, "16390");
  EXPECT_EQ(read.leaves[0].blocks, 0xfffffffeu);
  EXPECT_EQ(read.leaves[0].next, 700u);
  ASSERT_EQ(read.open.size(), 2u);
  EXPECT_EQ(read.open[0].leaf, 16384u);
  EXPECT_EQ(read.open[0].after, (Tid{3, 0xffff}));
  EXPECT_EQ(read.open[0].end, 10u);
  EXPECT_FALSE(read.by_key);
  EXPECT_EQ(read.incarnation, "7429/00000001/now");
}

TEST(PositionCodec, TellsACopyByKeyThatHasNotBegun) {
  SourcePosition position;
  position.copy.emplace();
  position.copy->by_key = true;
  EXPECT_TRUE(decode(encode(position)).copy->by_key);
  EXPECT_TRUE(decode(encode(position)).copy->key.empty());
}

TEST(PositionCodec, TakesPositionsThatKnowNoDefinition) {
  const Position old{R"({"done":{"low":"2026-11-20 10:00:00+00"},"full":true})"};
  const SourcePosition read = decode(old);
  EXPECT_EQ(read.done->xmin, 0u);
  EXPECT_FALSE(read.definition);
  EXPECT_TRUE(read.full);
}

TEST(PositionCodec, ReadsNothingAsTheBeginning) {
  const SourcePosition read = decode(Position{});
  EXPECT_FALSE(read.done || read.doing || read.pages || read.copy || read.full);
}

// Never "from the beginning" in silence.
TEST(PositionCodec, RefusesWhatItDidNotMake) {
  for (const char* json :
       {"{", "[]", "7", "null", R"({"done":7})", R"({"done":{}})", R"({"done":{"low":7}})",
        R"({"done":{"low":"x","xmin":"many","seen":[],"incarnation":""}})",
        R"({"done":{"low":"x","xmin":-1,"seen":[],"incarnation":""}})",
        R"({"done":{"low":"x","xmin":7,"incarnation":""}})",
        R"({"done":{"low":"x","xmin":7,"seen":["a"],"incarnation":""}})",
        R"({"pages":{"nulls":0,"cursor":"","key":[]}})",
        R"({"pages":{"nulls":false,"cursor":"","key":[1]}})",
        R"({"copy":{"leaves":[],"open":[[1,2,3]]}})",
        R"({"copy":{"leaves":[],"open":[[1,2,70000,4]]}})",
        R"({"copy":{"leaves":[{"oid":-1,"file":"","blocks":0,"next":0}],"open":[]}})",
        R"({"copy":{"open":[]}})", R"({"definition":{"columns":[["id"]],"key":[],"cursor":""}})",
        "{\"done\":{\"low\":\"\xff\"}}"}) {
    try {
      std::ignore = decode(Position{json});
      ADD_FAILURE() << "accepted: " << json;
    } catch (const Error& error) {
      EXPECT_EQ(error.failure(), Failure::internal) << json;
      EXPECT_THAT(error.what(), testing::HasSubstr("full run")) << json;
    }
  }
}

}  // namespace
}  // namespace rowferry::postgres
