#pragma once

#include "config/components.hpp"
#include "daemon/exit_status.hpp"
#include "daemon/options.hpp"
#include "daemon/text_table.hpp"

namespace rowferry {

/// `rowferry serve`: the daemon, until SIGTERM or SIGINT.
[[nodiscard]] ExitStatus serve(const Options& options, const config::Components& components);
/// `rowferry check`: validates the configuration, and looks whether every connection and job can
/// work.
[[nodiscard]] ExitStatus check(const Options& options, const config::Components& components);
/// `rowferry plan`: what the jobs would do, one of them or all.
[[nodiscard]] ExitStatus plan(const Options& options, const config::Components& components);
/// `rowferry run`: one run of one job in the foreground.
[[nodiscard]] ExitStatus run(const Options& options, const config::Components& components);
/// `rowferry failpoints`: their names, one a line.
[[nodiscard]] ExitStatus list_failpoints();

/// Whether standard output is a terminal, and NO_COLOR (no-color.org) is not set.
[[nodiscard]] Colours colours_of_output();

}  // namespace rowferry
