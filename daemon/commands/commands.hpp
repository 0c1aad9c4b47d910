#pragma once

#include "base/task.hpp"
#include "config/components.hpp"
#include "daemon/client/api_client.hpp"
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

/// `rowferry status`: the jobs of a running daemon, or one of them.
[[nodiscard]] ExitStatus status(const Options& options);
/// `rowferry trigger`: starts a run in a running daemon.
[[nodiscard]] ExitStatus trigger(const Options& options);
/// `rowferry pause`, `resume`: lasts until the other of them.
[[nodiscard]] ExitStatus pause(const Options& options);
[[nodiscard]] ExitStatus resume(const Options& options);
/// `rowferry cancel`: ends the runs of a job after the batch in flight.
[[nodiscard]] ExitStatus cancel(const Options& options);
/// `rowferry dead-letters list`, `replay`, `drop`.
[[nodiscard]] ExitStatus list_dead_letters(const Options& options);
[[nodiscard]] ExitStatus replay_dead_letters(const Options& options);
[[nodiscard]] ExitStatus drop_dead_letters(const Options& options);

/// Tells which run a daemon started and, with --wait, follows it to its end.
Task<ExitStatus> report_run(client::ApiClient& api, const Options& options,
                            client::ApiReply started);

/// Whether standard output is a terminal, and NO_COLOR (no-color.org) is not set.
[[nodiscard]] Colours colours_of_output();

}  // namespace rowferry
