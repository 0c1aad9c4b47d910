#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "config/components.hpp"
#include "config/settings.hpp"

namespace rowferry {

/// Loads the configuration for a command; on problems prints all of them to standard error and
/// returns nothing (the command then ends with ExitStatus::wrong_usage). The redactor learns the
/// secrets.
[[nodiscard]] std::optional<config::Settings> load_or_explain(const std::string& file,
                                                              const config::Components& components,
                                                              Redactor& redactor);

}  // namespace rowferry
