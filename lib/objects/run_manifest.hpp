#pragma once

#include <optional>
#include <string>
#include <vector>

#include "objects/manifest.hpp"

namespace rowferry {

/// What a folder holds when a run ends.
struct FolderState {
  /// `_manifest.json`, if it is one of ours.
  std::optional<Manifest> latest;
  /// `_manifest-NNNNNN.json` of earlier runs, in order; only needed for a full copy.
  std::vector<Manifest> numbered;
};

/// What is to be done to end a run: write `extra` (numbered, of an older run that has none yet) and
/// `numbered`, then `latest`, then delete.
struct FinishPlan {
  std::optional<Manifest> extra;
  std::optional<Manifest> numbered;
  Manifest latest;
  std::vector<std::string> delete_objects;
  std::vector<std::string> delete_manifests;
};

/// What decides how a run's manifest is written.
struct FinishRules {
  bool change_log = false;      ///< the job adds to its folder, run by run
  bool keeps_previous = false;  ///< objects of two runs never share a key: one generation is kept
};

/// Decides. `run` has no `superseded` yet. The same plan comes out when it was carried out before,
/// wholly or in part, so it may be repeated after a crash.
[[nodiscard]] FinishPlan plan_finish(Manifest run, const FolderState& folder,
                                     const FinishRules& rules);

}  // namespace rowferry
