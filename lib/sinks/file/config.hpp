#pragma once

#include "config/components.hpp"

namespace rowferry {

/// Reads the `sink` of a job that writes files; see README.md for the keys. Touches nothing.
[[nodiscard]] config::ParsedSink parse_file_sink(const JobSettings& job, const config::Node& sink);

}  // namespace rowferry
