#pragma once

#include <string>
#include <vector>

#include "config/components.hpp"
#include "config/node.hpp"
#include "config/settings.hpp"

namespace rowferry::config {

/// Reads `daemon:`.
[[nodiscard]] DaemonSettings parse_daemon(const Node& daemon);

/// Reads `connections:`. A connection with a problem in its type is in the list all the same, with
/// nothing to make it, so that jobs that name it are not wrong for that.
[[nodiscard]] std::vector<ConnectionDefinition> parse_connections(const Components& components,
                                                                  const Node& connections);

/// Reads `jobs:`.
[[nodiscard]] std::vector<JobDefinition> parse_jobs(
    const Components& components, const std::vector<ConnectionDefinition>& connections,
    const Node& jobs);

/// Reads a job's `schedule`; without one, every five seconds with a cursor, else manual.
[[nodiscard]] Schedule parse_schedule(const Node& job, bool has_cursor);

/// Reads the generic keys of a job: batch, retry, dead_letters, on_definition_change.
[[nodiscard]] JobSettings parse_job_settings(const std::string& name, const Node& job);

/// Notes a name of a connection or job that is more than letters, digits, `_`, `.` and `-`: names
/// stand in URLs, file names and metric labels.
void check_name(const Node& parent, const std::string& name);

}  // namespace rowferry::config
