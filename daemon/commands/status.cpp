#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>

#include "daemon/client/conversation.hpp"
#include "daemon/client/status_text.hpp"
#include "daemon/client/view_reader.hpp"
#include "daemon/commands/commands.hpp"

namespace rowferry {
namespace {

using client::ApiClient;
using client::ApiReply;

Task<ExitStatus> show_jobs(ApiClient& api, const Options& options) {
  const ApiReply reply = co_await api.get("/v1/jobs");
  if (options.json) {
    fmt::print("{}", reply.text);
  } else {
    const std::vector<JobView> jobs = client::read_jobs(reply.body);
    fmt::print("{}", client::status_table(jobs, client::now(), colours_of_output()));
  }
  co_return ExitStatus::done;
}

// The run that goes on, as its own address shows it: with its progress.
Task<std::optional<RunView>> running_of(ApiClient& api, const JobView& job) {
  std::optional<RunView> running;
  if (job.last_run && job.last_run->state == RunState::running) {
    std::string target = fmt::format("/v1/runs/{}", job.last_run->id);
    const ApiReply reply = co_await api.get(std::move(target));
    running = client::read_run(reply.body);
  }
  co_return running;
}

Task<ExitStatus> show_job(ApiClient& api, const Options& options) {
  std::string target = client::job_path(options.job);
  const ApiReply reply = co_await api.get(std::move(target));
  if (options.json) {
    fmt::print("{}", reply.text);
    co_return ExitStatus::done;
  }
  const JobView job = client::read_job(reply.body);
  const std::optional<RunView> running = co_await running_of(api, job);
  fmt::print("{}", client::job_details(job, running, client::now()));
  co_return ExitStatus::done;
}

}  // namespace

Colours colours_of_output() {
  const char* refused = std::getenv("NO_COLOR");
  const bool is_refused = refused != nullptr && *refused != '\0';
  return ::isatty(STDOUT_FILENO) == 1 && !is_refused ? Colours::yes : Colours::no;
}

ExitStatus status(const Options& options) {
  return client::converse(options, options.job.empty() ? show_jobs : show_job);
}

}  // namespace rowferry
