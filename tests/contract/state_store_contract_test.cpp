#include "tests/contract/state_store_contract.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "state/sqlite_store.hpp"
#include "state/yaml_store.hpp"

namespace rowferry::test {
namespace {

TEST_P(StateStoreContract, LetsOneDaemonInAndSaysWhoHasIt) {
  const auto second = make();
  try {
    run(second->open());
    FAIL() << "a second daemon came in";
  } catch (const Error& error) {
    EXPECT_EQ(error.failure(), Failure::config);
    EXPECT_NE(std::string(error.what()).find("is in use by"), std::string::npos) << error.what();
  }
  run(store_->close());
  run(second->open());
  run(second->close());
}

TEST_P(StateStoreContract, LetsAForegroundRunInBesideTheDaemonJobByJob) {
  const auto foreground = make();
  run(foreground->open(StoreAccess::shared));
  EXPECT_TRUE(run(store_->try_lock_job("movies")));
  EXPECT_TRUE(run(store_->try_lock_job("movies")));
  EXPECT_FALSE(run(foreground->try_lock_job("movies")));
  EXPECT_TRUE(run(foreground->try_lock_job("other")));
  EXPECT_FALSE(run(store_->try_lock_job("other")));
  run(store_->unlock_job("movies"));
  run(store_->unlock_job("movies"));
  EXPECT_TRUE(run(foreground->try_lock_job("movies")));
  run(foreground->save("movies", "", make_checkpoint(9)));
  run(foreground->close());
  EXPECT_TRUE(run(store_->try_lock_job("movies")));
  EXPECT_TRUE(run(store_->try_lock_job("other")));
  expect_equal(*run(store_->load("movies", "")), make_checkpoint(9));
}

TEST_P(StateStoreContract, NumbersRunsOfTwoProcessesWithoutARepetition) {
  const auto foreground = make();
  run(foreground->open(StoreAccess::shared));
  Run wanted;
  wanted.job = "movies";
  const Run first = run(store_->start_run(wanted));
  const Run second = run(foreground->start_run(wanted));
  const Run third = run(store_->start_run(wanted));
  EXPECT_EQ(first.run_seq, 1);
  EXPECT_EQ(second.run_seq, 2);
  EXPECT_EQ(third.run_seq, 3);
  EXPECT_LT(first.id, second.id);
  EXPECT_LT(second.id, third.id);
  run(foreground->close());
}

std::unique_ptr<StateStore> make_memory_store(Place& place) {
  return std::make_unique<MemoryStore>(place.memory, kHistoryRuns);
}

std::unique_ptr<StateStore> make_sqlite_store(Place& place) {
  return std::make_unique<SqliteStore>(place.folder.path() / "state" / "state.db", kHistoryRuns,
                                       place.loop.runtime());
}

std::unique_ptr<StateStore> make_yaml_store(Place& place) {
  return std::make_unique<YamlStore>(place.folder.path() / "state" / "state.yaml", kHistoryRuns,
                                     place.loop.runtime());
}

INSTANTIATE_TEST_SUITE_P(Stores, StateStoreContract,
                         testing::Values(Kind{"memory", make_memory_store},
                                         Kind{"sqlite", make_sqlite_store},
                                         Kind{"yaml", make_yaml_store}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace rowferry::test
