#pragma once

#include <span>
#include <string_view>

namespace rowferry {

/// Every step of a run at which a test may stop the world. The environment variable
/// `ROWFERRY_FAILPOINT` holds `NAME=ACTION[@N]`, comma-separated; the action happens at the N-th
/// passage (default 1). Actions: `kill` (SIGKILL to ourselves), `stop` (SIGSTOP), `hang` (this
/// thread sleeps for ever), `fail` (throws a transient Error). Unset: one comparison, nothing else.
/// Each remote commit has three: `.before_send`, `.reply_lost` (applied there, unknown here),
/// `.not_saved` (acknowledged, not yet saved).
void failpoint(std::string_view name);

/// The names of all failpoints, for the suite that walks them; `failpoint` with a name that is not
/// in this list is a defect that the tests find.
[[nodiscard]] std::span<const std::string_view> failpoint_names();

}  // namespace rowferry
