#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "config/components.hpp"
#include "config/settings.hpp"
#include "daemon/options.hpp"

namespace rowferry {

/// Loads the configuration for a command; on problems prints all of them to standard error and
/// returns nothing (the command then ends with ExitStatus::wrong_usage). The redactor learns the
/// secrets.
[[nodiscard]] std::optional<config::Settings> load_or_explain(const std::string& file,
                                                              const config::Components& components,
                                                              Redactor& redactor);

/// Whether there is the job that the command line names, or it names none; else says so on standard
/// error.
[[nodiscard]] bool has_job_or_explain(const config::Settings& settings, const Options& options);

}  // namespace rowferry
