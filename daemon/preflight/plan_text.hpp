#pragma once

#include <string>

#include "daemon/preflight/report.hpp"
#include "daemon/text_table.hpp"

namespace rowferry {

/// What `plan` prints: for each job how it reads and what of, its statements as the server would
/// carry them out, its columns, what it would make, sample rows, memory, and what is wrong.
[[nodiscard]] std::string plan_text(const PreflightReport& report, Colours colours);

}  // namespace rowferry
