#include "objects/run_manifest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rowferry {
namespace {

using Keys = std::vector<std::string>;

constexpr FinishRules kFullJob{false, true};
constexpr FinishRules kOverwritingJob{false, false};
constexpr FinishRules kChangeLog{true, true};

Manifest run(std::int64_t run_seq, bool full, const Keys& keys = {}) {
  Manifest manifest;
  manifest.job = "movies";
  manifest.run_seq = run_seq;
  manifest.full = full;
  for (const std::string& key : keys) {
    manifest.objects.push_back({key, 1, 1, "", ""});
  }
  return manifest;
}

/// A folder in which plans are carried out.
struct Folder {
  FolderState state;

  FinishPlan finish(const Manifest& manifest, const FinishRules& rules) {
    FinishPlan plan = plan_finish(manifest, state, rules);
    if (plan.extra) {
      add(*plan.extra);
    }
    if (plan.numbered) {
      add(*plan.numbered);
    }
    state.latest = plan.latest;
    for (const std::string& name : plan.delete_manifests) {
      std::erase_if(state.numbered, [&](const Manifest& numbered) {
        return numbered_manifest_name(numbered.run_seq) == name;
      });
    }
    return plan;
  }

  void add(const Manifest& manifest) {
    std::erase_if(state.numbered,
                  [&](const Manifest& other) { return other.run_seq == manifest.run_seq; });
    state.numbered.push_back(manifest);
  }

  [[nodiscard]] std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> numbers;
    for (const Manifest& manifest : state.numbered) {
      numbers.push_back(manifest.run_seq);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
};

TEST(FinishPlan, KeepsOneOldGenerationOfFullCopies) {
  Folder folder;
  EXPECT_EQ(folder.finish(run(1, true, {"1/a"}), kFullJob).delete_objects, Keys{});
  EXPECT_EQ(folder.finish(run(2, true, {"2/a"}), kFullJob).delete_objects, Keys{});
  EXPECT_EQ(folder.finish(run(3, true, {"3/a"}), kFullJob).delete_objects, Keys{"1/a"});
  EXPECT_EQ(folder.finish(run(4, true, {"4/a"}), kFullJob).delete_objects, Keys{"2/a"});
  EXPECT_TRUE(folder.numbers().empty());
  EXPECT_LE(folder.state.latest->superseded.size(), 2u);
}

TEST(FinishPlan, IsTheSameWhenItIsRepeated) {
  Folder folder;
  folder.finish(run(1, true, {"1/a"}), kFullJob);
  folder.finish(run(2, true, {"2/a"}), kFullJob);
  const FinishPlan first = folder.finish(run(3, true, {"3/a"}), kFullJob);
  const FinishPlan again = folder.finish(run(3, true, {"3/a"}), kFullJob);
  EXPECT_EQ(first.delete_objects, again.delete_objects);
  EXPECT_EQ(encode_manifest(first.latest), encode_manifest(again.latest));
  EXPECT_EQ(folder.finish(run(4, true, {"4/a"}), kFullJob).delete_objects, Keys{"2/a"});
}

TEST(FinishPlan, DeletesWhatAnOverwritingRunNoLongerNames) {
  Folder folder;
  folder.finish(run(1, true, {"a", "b", "c"}), kOverwritingJob);
  EXPECT_EQ(folder.finish(run(2, true, {"a"}), kOverwritingJob).delete_objects, (Keys{"b", "c"}));
  EXPECT_EQ(folder.finish(run(3, true, {"a", "b"}), kOverwritingJob).delete_objects, Keys{});
}

TEST(FinishPlan, WithoutRowsStillReplaces) {
  Folder folder;
  folder.finish(run(1, true, {"1/a"}), kFullJob);
  folder.finish(run(2, true), kFullJob);
  EXPECT_EQ(folder.state.latest->run_seq, 2);
  EXPECT_EQ(folder.finish(run(3, true), kFullJob).delete_objects, Keys{"1/a"});
}

TEST(FinishPlan, NumbersEveryRunOfAChangeLogAndDeletesNothing) {
  Folder folder;
  for (std::int64_t number = 1; number <= 3; ++number) {
    const FinishPlan plan =
        folder.finish(run(number, false, {fmt::format("{}/a", number)}), kChangeLog);
    EXPECT_EQ(plan.delete_objects, Keys{});
    EXPECT_EQ(plan.latest.run_seq, number);
  }
  EXPECT_EQ(folder.numbers(), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST(FinishPlan, LetsAFullCopyBeginTheLogAnewAndKeepsTheLogBefore) {
  Folder folder;
  folder.finish(run(1, false, {"1/a"}), kChangeLog);
  folder.finish(run(2, false, {"2/a"}), kChangeLog);
  EXPECT_EQ(folder.finish(run(3, true, {"3/a"}), kChangeLog).delete_objects, Keys{});
  folder.finish(run(4, false, {"4/a"}), kChangeLog);
  EXPECT_EQ(folder.numbers(), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(folder.finish(run(5, true, {"5/a"}), kChangeLog).delete_objects, (Keys{"1/a", "2/a"}));
  EXPECT_EQ(folder.numbers(), (std::vector<std::int64_t>{3, 4, 5}));
  EXPECT_EQ(folder.finish(run(6, true, {"6/a"}), kChangeLog).delete_objects, (Keys{"3/a", "4/a"}));
  EXPECT_EQ(folder.numbers(), (std::vector<std::int64_t>{5, 6}));
}

TEST(FinishPlan, NumbersTheFullCopyThatAChangeLogBeginsWith) {
  Folder folder;
  folder.finish(run(1, true, {"1/a"}), kFullJob);
  EXPECT_TRUE(folder.numbers().empty());
  folder.finish(run(2, false, {"2/a"}), kChangeLog);
  EXPECT_EQ(folder.numbers(), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(folder.state.numbered.front().full);
}

TEST(FinishPlan, NeverDeletesWhatTheRunItselfNames) {
  Folder folder;
  folder.finish(run(1, true, {"a"}), kFullJob);
  folder.finish(run(2, true, {"a"}), kFullJob);
  EXPECT_EQ(folder.finish(run(3, true, {"a"}), kFullJob).delete_objects, Keys{});
}

}  // namespace
}  // namespace rowferry
