#pragma once

#include "config/components.hpp"

namespace rowferry {

/// Reads `jobs.NAME.sink` where its connection is of type postgres; touches nothing.
[[nodiscard]] config::ParsedSink parse_postgres_sink(const JobSettings& job,
                                                     const config::Node& sink);

}  // namespace rowferry
