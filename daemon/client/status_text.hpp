#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "core/dead_letter.hpp"
#include "daemon/text_table.hpp"
#include "engine/control.hpp"

namespace rowferry::client {

/// All jobs, a line each, with the last error below.
[[nodiscard]] std::string status_table(const std::vector<JobView>& jobs, WallTime now,
                                       Colours colours);

/// Everything that is known of one job, with the run that goes on, if one does.
[[nodiscard]] std::string job_details(const JobView& job, const std::optional<RunView>& running,
                                      WallTime now);

/// Dead letters, a line each, with the reason below.
[[nodiscard]] std::string dead_letter_table(const std::vector<DeadLetter>& letters,
                                            Colours colours);

}  // namespace rowferry::client
