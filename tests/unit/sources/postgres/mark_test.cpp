#include "sources/postgres/mark.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "core/source.hpp"

namespace rowferry::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr FullXid kEpoch = FullXid{1} << 32;

Mark mark(FullXid xmin, std::vector<FullXid> seen, std::string incarnation = "7/1/now") {
  Mark made;
  made.xmin = xmin;
  made.seen = std::move(seen);
  made.incarnation = std::move(incarnation);
  return made;
}

TEST(FullXid, IsTheRawOneInTheFirstEpoch) {
  EXPECT_EQ(full_xid(3, 1000), 3u);
  EXPECT_EQ(full_xid(999, 1000), 999u);
}

TEST(FullXid, BelongsToTheEpochOfTheSnapshot) {
  EXPECT_EQ(full_xid(5, kEpoch + 10), kEpoch + 5);
  EXPECT_EQ(full_xid(9, kEpoch + 10), kEpoch + 9);
}

TEST(FullXid, OfBeforeTheTurnBelongsToTheEpochBefore) {
  EXPECT_EQ(full_xid(10, kEpoch + 10), 10u);
  EXPECT_EQ(full_xid(0xffffffffu, kEpoch + 10), kEpoch - 1);
  EXPECT_EQ(full_xid(0xfffffff0u, 3 * kEpoch + 3), 3 * kEpoch - 16);
}

TEST(FullXid, IsNeverAsLargeAsTheSnapshotsXmax) {
  for (const FullXid xmax : {kEpoch - 1, kEpoch, kEpoch + 1, kEpoch + 3, 2 * kEpoch + 7}) {
    for (const std::uint32_t raw : {3u, 4u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
      const FullXid full = full_xid(raw, xmax);
      EXPECT_EQ(static_cast<std::uint32_t>(full), raw) << xmax;
      if (xmax > kEpoch) {
        EXPECT_LT(full, xmax) << raw;
        EXPECT_GE(full + kEpoch, xmax) << raw;
      }
    }
  }
}

TEST(MustSendAll, IsFalseForABaseThatHolds) {
  EXPECT_FALSE(must_send_all(mark(100, {}), "7/1/now", 100));
  EXPECT_FALSE(must_send_all(mark(kEpoch - 5, {}), "7/1/now", kEpoch + 5));
}

TEST(MustSendAll, IsTrueWithoutASnapshot) {
  EXPECT_TRUE(must_send_all(mark(0, {}), "7/1/now", 100));
}

TEST(MustSendAll, IsTrueOnAnotherIncarnation) {
  EXPECT_TRUE(must_send_all(mark(100, {}), "7/1/later", 200));
  EXPECT_TRUE(must_send_all(mark(100, {}), "7/2/now", 200));
}

TEST(MustSendAll, IsTrueWhenTheCounterWentBack) {
  EXPECT_TRUE(must_send_all(mark(100, {}), "7/1/now", 99));
}

TEST(MustSendAll, IsTrueBeforeIdsCanBeMistaken) {
  constexpr FullXid kFar = (FullXid{1} << 31) - 10'000'000;
  EXPECT_FALSE(must_send_all(mark(100, {}), "7/1/now", 100 + kFar));
  EXPECT_TRUE(must_send_all(mark(100, {}), "7/1/now", 101 + kFar));
  EXPECT_TRUE(must_send_all(mark(100, {}), "7/1/now", 100 + kEpoch));
}

TEST(MergeSeen, KeepsWhatIsAtOrAboveTheNewXmin) {
  EXPECT_THAT(merge_seen(mark(10, {10, 12, 30}), mark(20, {20, 25})), ElementsAre(20, 25, 30));
}

TEST(MergeSeen, NamesEachOnce) {
  EXPECT_THAT(merge_seen(mark(10, {20, 21}), mark(20, {21, 20})), ElementsAre(20, 21));
}

// The same number is another transaction there.
TEST(MergeSeen, ForgetsAnotherIncarnation) {
  EXPECT_THAT(merge_seen(mark(10, {30}, "7/1/before"), mark(20, {25})), ElementsAre(25));
}

TEST(MergeSeen, IsCapped) {
  std::vector<FullXid> many(150'000);
  for (std::size_t index = 0; index < many.size(); ++index) {
    many[index] = 1000 + index;
  }
  EXPECT_THAT(merge_seen(mark(10, {}), mark(20, many)), SizeIs(100'000));
  EXPECT_THAT(merge_seen(mark(10, many), mark(1'000'000, {})), IsEmpty());
}

Error refusal(const std::string& base, const std::string& now) {
  try {
    refuse_other_history(base, now);
  } catch (const Error& error) {
    return error;
  }
  return {Failure::internal, "accepted"};
}

TEST(OtherHistory, IsNoneBehindACrash) {
  EXPECT_NO_THROW(refuse_other_history("7/00000001/now", "7/00000001/later"));
  EXPECT_NO_THROW(refuse_other_history("", "7/00000002/later"));
}

TEST(OtherHistory, OfAnotherSystemIsRefused) {
  const Error error = refusal("7/1/now", "8/1/now");
  EXPECT_EQ(error.failure(), Failure::config);
  EXPECT_EQ(error.reason(), "system_identifier");
  EXPECT_THAT(error.what(), testing::HasSubstr("full run"));
}

TEST(OtherHistory, OfAnotherTimelineAsksForAFullRun) {
  const Error error = refusal("7/00000001/now", "7/00000002/now");
  EXPECT_EQ(error.failure(), Failure::stale);
  EXPECT_EQ(error.reason(), kHistoryChanged);
}

}  // namespace
}  // namespace rowferry::postgres
