// A process that dies at any step of a run leaves a state from which the next process goes on,
// loses nothing and counts nothing twice. The dead process's world is a copy taken at that step.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>

#include "base/error.hpp"
#include "tests/unit/engine/lab.hpp"

namespace rowferry::test {
namespace {

constexpr std::size_t kRows = 42;
constexpr std::int64_t kRejected = 5;

// Two passes; the second changes rows of the first and removes one.
template <class Target>
World<Target> populated_world() {
  World<Target> world;
  const std::string long_title(9000, 'x');
  world.script->passes.resize(2);
  for (std::int64_t batch = 0; batch < 10; ++batch) {
    world.script->passes[0].push_back(films(1 + 4 * batch, 4, long_title));
  }
  FakeBatch changes = films(3, 1, "renamed");
  changes.rows.push_back(removal(8));
  world.script->passes[1].push_back(changes);
  world.target->judge = [](const TestRow& row) {
    return row.id == kRejected ? std::optional(RowIssue{.reason = "mapping conflict"})
                               : std::nullopt;
  };
  return world;
}

TestContent expected_content() {
  TestContent content;
  const std::string long_title(9000, 'x');
  for (std::int64_t id = 1; id <= 40; ++id) {
    content[id] = fmt::format("{} {}", long_title, id);
  }
  content[3] = "renamed 3";
  content.erase(8);
  content.erase(kRejected);
  return content;
}

template <class Target>
bool is_done(Lab<Target>& lab) {
  return lab.runs() >= 2 && lab.runs_over() && lab.has_checkpoint() &&
         lab.checkpoint().position.json == R"({"pass":2,"batch":0})" && lab.checkpoint().complete;
}

template <class Target>
void expect_right(const World<Target>& world, const std::string& where) {
  EXPECT_EQ(world.target->content(), expected_content()) << where;
  Counters counted;
  for (const auto& [id, run] : world.state->runs) {
    EXPECT_EQ(run.state, RunState::succeeded) << where << " run " << id;
    counted += run.counters;
  }
  EXPECT_EQ(world.state->runs.size(), 2u) << where;
  EXPECT_EQ(counted.rows_read, static_cast<std::int64_t>(kRows)) << where;
  EXPECT_EQ(counted.rows_written, 40) << where;
  EXPECT_EQ(counted.rows_deleted, 1) << where;
  EXPECT_EQ(counted.rows_rejected, 1) << where;
  const Checkpoint& checkpoint = world.state->checkpoints.at({"movies", ""});
  EXPECT_EQ(checkpoint.totals.rows_read, static_cast<std::int64_t>(kRows)) << where;
  ASSERT_EQ(world.state->dead_letters.size(), 1u) << where;
  EXPECT_EQ(world.state->dead_letters.front().key_json, R"({"id":5})") << where;
}

/// Runs to the end; returns the world as it was at the n-th passage of the step, if it was passed.
template <class Target>
std::optional<World<Target>> world_at(const std::string& step, int passage) {
  Lab<Target> lab(populated_world<Target>());
  std::optional<World<Target>> copied;
  int passed = 0;
  lab.at_step = [&](std::string_view reached) -> Task<> {
    if (reached == step && ++passed == passage) {
      copied = lab.world.copy();
    }
    co_return;
  };
  lab.start();
  lab.until([&]() { return is_done(lab); });
  return copied;
}

template <class Target>
class Kill : public testing::Test {};

using Targets = testing::Types<VersionedTarget, TransactionalTarget, ObjectTarget>;
TYPED_TEST_SUITE(Kill, Targets);

TYPED_TEST(Kill, AtAnyStepLosesNothingAndCountsNothingTwice) {
  for (const char* step :
       {"source.open", "source.next", "store.start_run", "store.run_started", "sink.open",
        "sink.write", "sink.written", "store.add_letters", "store.letters_added", "sink.flush",
        "sink.flushed", "store.save", "store.saved", "sink.finish", "sink.finished",
        "store.update_run", "store.run_updated"}) {
    int passage = 1;
    std::optional<World<TypeParam>> dead = world_at<TypeParam>(step, passage);
    ASSERT_TRUE(dead.has_value()) << step << " was never reached";
    while (dead) {
      Lab<TypeParam> lab(*dead);
      lab.start();
      lab.until([&]() { return is_done(lab); });
      lab.stop();
      expect_right(lab.world, fmt::format("killed at {} @{}", step, passage));
      dead = world_at<TypeParam>(step, ++passage);
    }
  }
}

TYPED_TEST(Kill, AFailureAtAnyStepIsHealedWithinTheRun) {
  for (const char* step :
       {"source.open", "source.next", "store.start_run", "store.run_started", "sink.open",
        "sink.write", "sink.written", "store.add_letters", "store.letters_added", "sink.flush",
        "sink.flushed", "store.save", "store.saved", "sink.finish", "sink.finished",
        "store.update_run", "store.run_updated"}) {
    for (int passage = 1; passage <= 3; ++passage) {
      Lab<TypeParam> lab(populated_world<TypeParam>());
      int passed = 0;
      lab.at_step = [&](std::string_view reached) -> Task<> {
        if (reached == step && ++passed == passage) {
          throw unreachable();
        }
        co_return;
      };
      lab.start();
      lab.until([&]() { return is_done(lab); });
      lab.stop();
      expect_right(lab.world, fmt::format("failed at {} @{}", step, passage));
    }
  }
}

}  // namespace
}  // namespace rowferry::test
