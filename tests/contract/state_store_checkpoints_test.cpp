#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/contract/state_store_contract.hpp"

namespace rowferry::test {
namespace {

TEST_P(StateStoreContract, HasNoCheckpointAtFirst) {
  EXPECT_FALSE(run(store_->load("movies", "")).has_value());
  EXPECT_TRUE(run(store_->units("movies")).empty());
}

TEST_P(StateStoreContract, GivesACheckpointBackByteForByte) {
  run(store_->save("movies", "", make_checkpoint(1)));
  restart();
  const auto loaded = run(store_->load("movies", ""));
  ASSERT_TRUE(loaded.has_value());
  expect_equal(*loaded, make_checkpoint(1));
}

TEST_P(StateStoreContract, KeepsTheLastOfManyCheckpoints) {
  for (std::int64_t number = 1; number <= 5; ++number) {
    run(store_->save("movies", "", make_checkpoint(number)));
    expect_equal(*run(store_->load("movies", "")), make_checkpoint(number));
  }
  restart();
  expect_equal(*run(store_->load("movies", "")), make_checkpoint(5));
}

TEST_P(StateStoreContract, KeepsUnitsAndJobsApart) {
  run(store_->save("movies", "a", make_checkpoint(1)));
  run(store_->save("movies", "b", make_checkpoint(2)));
  run(store_->save("other", "a", make_checkpoint(3)));
  EXPECT_EQ(run(store_->units("movies")), (std::vector<std::string>{"a", "b"}));
  run(store_->erase("movies", "a"));
  EXPECT_FALSE(run(store_->load("movies", "a")).has_value());
  expect_equal(*run(store_->load("movies", "b")), make_checkpoint(2));
  expect_equal(*run(store_->load("other", "a")), make_checkpoint(3));
}

TEST_P(StateStoreContract, ErasesEveryGeneration) {
  run(store_->save("movies", "", make_checkpoint(1)));
  run(store_->save("movies", "", make_checkpoint(2)));
  run(store_->erase("movies", ""));
  EXPECT_FALSE(run(store_->load("movies", "")).has_value());
  EXPECT_TRUE(run(store_->units("movies")).empty());
}

TEST_P(StateStoreContract, TakesALargePosition) {
  Checkpoint checkpoint = make_checkpoint(1);
  checkpoint.position.json = "[" + std::string(1u << 20, '7') + "]";
  run(store_->save("movies", "", checkpoint));
  expect_equal(*run(store_->load("movies", "")), checkpoint);
}

}  // namespace
}  // namespace rowferry::test
