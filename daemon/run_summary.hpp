#pragma once

#include <string>

#include "core/run.hpp"
#include "daemon/exit_status.hpp"

namespace rowferry {

/// `films run 12 succeeded: 10 rows read, 10 written, 0 deleted, 0 rejected in 0.3 s`; `now` ends
/// a run that goes on.
[[nodiscard]] std::string run_summary(const Run& run, WallTime now);

/// What a command that waited for a run ends with: done, run_failed or done_with_rejects.
[[nodiscard]] ExitStatus status_of_run(const Run& run);

}  // namespace rowferry
