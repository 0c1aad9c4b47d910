#pragma once

#include <string>
#include <vector>

#include "config/node.hpp"
#include "core/job_definition.hpp"

namespace rowferry {

/// Reads `{type: file, path: FOLDER}`; a relative path begins at the configuration's folder.
[[nodiscard]] MakeConnection parse_file_connection(const std::string& name,
                                                   const config::Node& node);

/// Where such a connection leads: its folder, symbolic links followed.
[[nodiscard]] std::vector<std::string> places_of_file_connection(const config::Node& node);

}  // namespace rowferry
