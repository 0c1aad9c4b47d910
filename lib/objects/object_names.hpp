#pragma once

#include <string_view>
#include <vector>

#include "config/name_pattern.hpp"
#include "objects/object_settings.hpp"

namespace rowferry {

/// The names that belong to a job: those of its objects and, where it writes a manifest, every name
/// right in the manifest's folder, for the manifest says what that folder holds.
[[nodiscard]] std::vector<config::NamePattern> object_names(const ObjectSettings& settings,
                                                            std::string_view job,
                                                            std::string_view table);

}  // namespace rowferry
