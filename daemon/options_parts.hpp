#pragma once

#include <CLI/CLI.hpp>

#include "daemon/options.hpp"

namespace rowferry {

/// Adds the commands that work on a configuration file: serve, check, plan, run.
void add_local_commands(CLI::App& program, Options& options);

/// Adds the commands that talk to a running daemon.
void add_client_commands(CLI::App& program, Options& options);

}  // namespace rowferry
