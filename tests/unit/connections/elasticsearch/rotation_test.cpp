#include "connections/elasticsearch/rotation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace rowferry::elasticsearch {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

constexpr SteadyTime kNow{seconds(1000)};

TEST(Rotation, AsksThoseThatRestLast) {
  Rotation rotation(3);
  rotation.failed(0, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(1, 2, 0));
  rotation.failed(2, kNow);
  rotation.failed(2, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(1, 0, 2));
  rotation.failed(1, kNow);
  rotation.failed(1, kNow);
  rotation.failed(1, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(0, 2, 1));
}

TEST(Rotation, TakesTurns) {
  Rotation rotation(3);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(0, 1, 2));
  EXPECT_THAT(rotation.order(kNow), ElementsAre(1, 2, 0));
  EXPECT_THAT(rotation.order(kNow), ElementsAre(2, 0, 1));
  EXPECT_THAT(rotation.order(kNow), ElementsAre(0, 1, 2));
}

TEST(Rotation, LetsOneRestForASecond) {
  Rotation rotation(2);
  rotation.failed(0, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(1, 0));
  EXPECT_THAT(rotation.order(kNow + seconds(1)), ElementsAre(0, 1));
}

TEST(Rotation, LetsOneThatFailsAgainRestLonger) {
  Rotation rotation(2);
  for (int count = 0; count < 100; ++count) {
    rotation.failed(0, kNow);
  }
  rotation.failed(1, kNow + seconds(58));
  EXPECT_EQ(rotation.order(kNow + seconds(58)).front(), 1u);
  EXPECT_EQ(rotation.order(kNow + seconds(60)).front(), 0u);
}

TEST(Rotation, ForgetsFailuresOnceOneWorks) {
  Rotation rotation(2);
  for (int count = 0; count < 5; ++count) {
    rotation.failed(0, kNow);
  }
  rotation.worked(0);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(0, 1));
  rotation.failed(0, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(1, 0));
  EXPECT_THAT(rotation.order(kNow + seconds(1)), ElementsAre(0, 1));
}

TEST(Rotation, KnowsOneServerAlone) {
  Rotation rotation(1);
  rotation.failed(0, kNow);
  EXPECT_THAT(rotation.order(kNow), ElementsAre(0));
}

}  // namespace
}  // namespace rowferry::elasticsearch
