#include "objects/run_manifest.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace rowferry {
namespace {

/// The manifests of all earlier runs that are known, in order.
std::vector<Manifest> earlier_runs(const FolderState& folder, std::int64_t run_seq) {
  std::vector<Manifest> runs = folder.numbered;
  std::erase_if(runs, [&](const Manifest& manifest) { return manifest.run_seq >= run_seq; });
  const auto same_run = [&](const Manifest& manifest) {
    return manifest.run_seq == folder.latest->run_seq;
  };
  if (folder.latest && folder.latest->run_seq < run_seq &&
      std::none_of(runs.begin(), runs.end(), same_run)) {
    runs.push_back(*folder.latest);
  }
  std::sort(runs.begin(), runs.end(), [](const Manifest& left, const Manifest& right) {
    return left.run_seq < right.run_seq;
  });
  return runs;
}

void add(Generation& generation, const Manifest& manifest, bool numbered) {
  generation.run_seq = std::max(generation.run_seq, manifest.run_seq);
  for (const ObjectEntry& entry : manifest.objects) {
    generation.objects.push_back(entry.key);
  }
  if (numbered) {
    generation.manifests.push_back(numbered_manifest_name(manifest.run_seq));
  }
}

void add(Generation& generation, const Generation& other) {
  generation.run_seq = std::max(generation.run_seq, other.run_seq);
  generation.objects.insert(generation.objects.end(), other.objects.begin(), other.objects.end());
  generation.manifests.insert(generation.manifests.end(), other.manifests.begin(),
                              other.manifests.end());
}

/// The generation before this full copy, from the last full copy on, and everything older.
std::vector<Generation> superseded_by(const FolderState& folder, std::int64_t run_seq,
                                      bool keeps_previous) {
  const std::vector<Manifest> runs = earlier_runs(folder, run_seq);
  std::size_t base = runs.size();
  while (base > 0 && !runs[--base].full) {
  }
  const auto is_numbered = [&](const Manifest& run) {
    return std::any_of(folder.numbered.begin(), folder.numbered.end(),
                       [&](const Manifest& other) { return other.run_seq == run.run_seq; });
  };
  Generation previous;
  Generation older;
  for (std::size_t index = 0; index < runs.size(); ++index) {
    add(index < base ? older : previous, runs[index], is_numbered(runs[index]));
  }
  // What the last full copy kept is no longer needed; what it deleted is gone.
  if (keeps_previous && !runs.empty() && !runs[base].superseded.empty()) {
    add(older, runs[base].superseded.front());
  }
  std::vector<Generation> generations;
  if (!runs.empty()) {
    generations.push_back(std::move(previous));
  }
  if (!older.objects.empty() || !older.manifests.empty()) {
    generations.push_back(std::move(older));
  }
  return generations;
}

void plan_deletions(FinishPlan& plan, bool keeps_previous) {
  std::set<std::string> needed;
  for (const ObjectEntry& entry : plan.latest.objects) {
    needed.insert(entry.key);
  }
  const std::vector<Generation>& generations = plan.latest.superseded;
  for (std::size_t index = keeps_previous ? 1 : 0; index < generations.size(); ++index) {
    for (const std::string& key : generations[index].objects) {
      if (needed.insert(key).second) {
        plan.delete_objects.push_back(key);
      }
    }
    plan.delete_manifests.insert(plan.delete_manifests.end(), generations[index].manifests.begin(),
                                 generations[index].manifests.end());
  }
}

}  // namespace

FinishPlan plan_finish(Manifest run, const FolderState& folder, const FinishRules& rules) {
  FinishPlan plan;
  plan.latest = std::move(run);
  const bool repeated = folder.latest && folder.latest->run_seq == plan.latest.run_seq;
  if (plan.latest.full) {
    plan.latest.superseded = repeated
                                 ? folder.latest->superseded
                                 : superseded_by(folder, plan.latest.run_seq, rules.keeps_previous);
    plan_deletions(plan, rules.keeps_previous);
  }
  const bool is_log = rules.change_log || !folder.numbered.empty() || !plan.latest.full;
  if (is_log) {
    plan.numbered = plan.latest;
  }
  // A reader of the log needs the full copy that it begins with.
  if (!plan.latest.full && folder.latest && folder.latest->full && !repeated) {
    plan.extra = folder.latest;
  }
  return plan;
}

}  // namespace rowferry
