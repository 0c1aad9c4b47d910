#include "base/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace rowferry {
namespace {

using std::chrono::milliseconds;

TEST(BackoffDelay, GrowsByTheMultiplierUpToTheMaximum) {
  const BackoffPolicy policy{.initial_delay = milliseconds(500),
                             .multiplier = 2,
                             .max_delay = milliseconds(3000),
                             .jitter = 0};
  EXPECT_EQ(backoff_delay(policy, 0, 0.5), milliseconds(500));
  EXPECT_EQ(backoff_delay(policy, 1, 0.5), milliseconds(1000));
  EXPECT_EQ(backoff_delay(policy, 2, 0.5), milliseconds(2000));
  EXPECT_EQ(backoff_delay(policy, 3, 0.5), milliseconds(3000));
}

TEST(BackoffDelay, StaysAtTheMaximumAfterAnyNumberOfTries) {
  const BackoffPolicy policy{.jitter = 0};
  EXPECT_EQ(backoff_delay(policy, std::numeric_limits<std::uint32_t>::max(), 0),
            milliseconds(60'000));
}

TEST(BackoffDelay, TakesPartOfTheDelayAwayByJitter) {
  const BackoffPolicy policy{.initial_delay = milliseconds(1000), .jitter = 0.5};
  EXPECT_EQ(backoff_delay(policy, 0, 0), milliseconds(1000));
  EXPECT_EQ(backoff_delay(policy, 0, 0.5), milliseconds(750));
  EXPECT_EQ(backoff_delay(policy, 0, 1), milliseconds(500));
}

TEST(Backoff, SpreadsWaitsOverTheWholeDelay) {
  Backoff backoff(BackoffPolicy{.initial_delay = milliseconds(1000), .multiplier = 1}, 7);
  int short_ones = 0;
  for (int index = 0; index < 1000; ++index) {
    const milliseconds wait = backoff.next();
    ASSERT_GE(wait.count(), 0);
    ASSERT_LE(wait.count(), 1000);
    short_ones += wait.count() < 500 ? 1 : 0;
  }
  EXPECT_GT(short_ones, 400);
  EXPECT_LT(short_ones, 600);
}

TEST(Backoff, StartsAgainAfterASuccess) {
  Backoff backoff(BackoffPolicy{.initial_delay = milliseconds(100), .jitter = 0}, 1);
  EXPECT_EQ(backoff.next(), milliseconds(100));
  EXPECT_EQ(backoff.next(), milliseconds(200));
  backoff.reset();
  EXPECT_EQ(backoff.next(), milliseconds(100));
  EXPECT_EQ(backoff.tries(), 1u);
}

}  // namespace
}  // namespace rowferry
