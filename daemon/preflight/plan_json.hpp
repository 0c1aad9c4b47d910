#pragma once

#include <string>

#include "daemon/preflight/report.hpp"

namespace rowferry {

/// What `plan --json` prints: the same as `plan`, as one JSON object on one line, `{"connections":
/// [{"name", "findings"}], "jobs": [...]}`.
[[nodiscard]] std::string plan_json(const PreflightReport& report);

}  // namespace rowferry
