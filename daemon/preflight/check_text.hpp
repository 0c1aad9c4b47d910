#pragma once

#include <string>
#include <vector>

#include "daemon/preflight/report.hpp"

namespace rowferry {

/// What `check` prints: a line for each fact, `job movies: warning ...`, what mends it indented
/// below, and a sum at the end.
[[nodiscard]] std::string check_text(const PreflightReport& report);

/// Findings without the name of their connection, which errors of servers begin with.
[[nodiscard]] std::vector<Finding> without_name(std::vector<Finding> findings,
                                                const std::string& connection);

/// The findings of a job, without the names of its connections.
[[nodiscard]] std::vector<Finding> findings_of(const JobReport& report);

/// `no errors, 2 warnings`.
[[nodiscard]] std::string sum_text(const std::vector<Finding>& findings);

}  // namespace rowferry
