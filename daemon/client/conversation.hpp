#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "daemon/client/api_client.hpp"
#include "daemon/exit_status.hpp"

namespace rowferry::client {

/// What a command says to a daemon, and with which status it ends.
using Conversation = std::function<Task<ExitStatus>(ApiClient& api, const Options& options)>;

/// Runs an event loop for one conversation. Throws what it throws.
[[nodiscard]] ExitStatus converse(const Options& options, const Conversation& conversation);

/// What a command does about one job.
using JobAction = Task<ExitStatus> (*)(ApiClient& api, const Options& options, std::string job);

/// Does it for the job that the command names (whether there is such a one or not), for all jobs
/// with --all, else for the only one; throws Error{config} when nobody can tell. One of several
/// jobs that refuses is told on standard error and does not keep the others from their turn.
Task<ExitStatus> for_each_job(ApiClient& api, const Options& options, JobAction action);

/// The status of a command for several jobs: a refusal or failure counts most, then dead letters.
[[nodiscard]] ExitStatus worse_of(ExitStatus left, ExitStatus right);

/// The wall clock.
[[nodiscard]] WallTime now();

}  // namespace rowferry::client
