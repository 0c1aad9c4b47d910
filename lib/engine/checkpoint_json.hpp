#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/checkpoint.hpp"

namespace rowferry {

/// Checkpoints by their units.
using Checkpoints = std::map<std::string, Checkpoint>;

/// A checkpoint as the API shows it: `{"position", "receipt", "totals", "run_counters", "run_seq",
/// "complete", "definition", "target"}`; position and receipt are the connectors' own JSON.
[[nodiscard]] std::string checkpoint_json(const Checkpoint& checkpoint);

/// The checkpoints of a job: of one with the one unit "" the object itself, else
/// `{"units": {...}}`; `null` when there is none.
[[nodiscard]] std::string checkpoints_json(const Checkpoints& checkpoints);

/// Reads what `checkpoints_json` made. Throws RefusedError{bad_request}, naming the member, for
/// anything else: unknown, missing and mistyped members, and `null`.
[[nodiscard]] Checkpoints parse_checkpoints(std::string_view text);

}  // namespace rowferry
