#pragma once

#include "config/components.hpp"
#include "daemon/exit_status.hpp"
#include "daemon/options.hpp"

namespace rowferry {

/// `rowferry serve`: the daemon, until SIGTERM or SIGINT.
[[nodiscard]] ExitStatus serve(const Options& options, const config::Components& components);
/// `rowferry check`: validates the configuration, and asks every connection for a sign of life.
[[nodiscard]] ExitStatus check(const Options& options, const config::Components& components);
/// `rowferry run`: one run of one job in the foreground.
[[nodiscard]] ExitStatus run(const Options& options, const config::Components& components);
/// `rowferry failpoints`: their names, one a line.
[[nodiscard]] ExitStatus list_failpoints();

}  // namespace rowferry
