#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "core/preflight.hpp"

namespace rowferry::elasticsearch {

/// What an error of a cluster, or of the way to it, says as a finding, with what mends it.
[[nodiscard]] Finding finding_of_failure(const Error& error);

/// Judges the answer to `GET /_cluster/health`; nothing when it is none.
[[nodiscard]] std::optional<Finding> judge_health(std::string_view body);

}  // namespace rowferry::elasticsearch
