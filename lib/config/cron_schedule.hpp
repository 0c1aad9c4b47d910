#pragma once

#include "config/node.hpp"
#include "core/job_definition.hpp"

namespace rowferry::config {

/// Reads `cron` and `timezone` of a map, and notes what is wrong with them.
[[nodiscard]] Schedule parse_cron_schedule(const Node& node);

/// Notes a `timezone` of the map that is none; gives it back, `UTC` when it is not given.
[[nodiscard]] std::string parse_time_zone(const Node& node);

}  // namespace rowferry::config
