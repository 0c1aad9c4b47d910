#include "daemon/client/conversation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "daemon/client/view_reader.hpp"
#include "daemon/event_loop.hpp"

namespace rowferry::client {
namespace {

Task<> keep_status(Task<ExitStatus> conversation, ExitStatus& status) {
  const ExitStatus reached = co_await std::move(conversation);
  status = reached;
}

// The names of all jobs.
Task<std::vector<std::string>> job_names(ApiClient& api) {
  const ApiReply reply = co_await api.get("/v1/jobs");
  std::vector<std::string> names;
  for (const JobView& job : read_jobs(reply.body)) {
    names.push_back(job.name);
  }
  co_return names;
}

// The job that the command names, or those that it must mean.
Task<std::vector<std::string>> jobs_meant(ApiClient& api, const Options& options) {
  std::vector<std::string> names;
  if (!options.job.empty()) {
    names.push_back(options.job);
    co_return names;
  }
  names = co_await job_names(api);
  if (!options.all && names.size() != 1) {
    throw Error(Failure::config, names.empty()
                                     ? std::string("the daemon has no jobs")
                                     : fmt::format("which job? There are: {}; or give --all",
                                                   fmt::join(names, ", ")));
  }
  co_return names;
}

// What came of one of several jobs: a refusal is told, and is no end of the others.
Task<ExitStatus> attempt(ApiClient& api, const Options& options, JobAction action,
                         std::string job) {
  try {
    const ExitStatus status = co_await action(api, options, job);
    co_return status;
  } catch (const Error& error) {
    if (error.failure() == Failure::transient) {
      throw;
    }
    fmt::print(stderr, "{}: {}\n", job, error.what());
  }
  co_return ExitStatus::run_failed;
}

}  // namespace

ExitStatus converse(const Options& options, const Conversation& conversation) {
  Redactor redactor;
  LogSettings quiet;
  quiet.level = LogLevel::error;
  Log log(quiet, redactor);
  EventLoop loop(log);
  ApiClient api(loop.runtime(), options.api);
  ExitStatus status = ExitStatus::done;
  loop.run(keep_status(conversation(api, options), status));
  return status;
}

Task<ExitStatus> for_each_job(ApiClient& api, const Options& options, JobAction action) {
  const std::vector<std::string> jobs = co_await jobs_meant(api, options);
  if (jobs.size() == 1) {
    const ExitStatus status = co_await action(api, options, jobs.front());
    co_return status;
  }
  ExitStatus worst = ExitStatus::done;
  for (const std::string& job : jobs) {
    const ExitStatus status = co_await attempt(api, options, action, job);
    worst = worse_of(worst, status);
  }
  co_return worst;
}

ExitStatus worse_of(ExitStatus left, ExitStatus right) {
  constexpr auto kWorstFirst =
      std::to_array({ExitStatus::unreachable, ExitStatus::wrong_usage, ExitStatus::run_failed,
                     ExitStatus::done_with_rejects, ExitStatus::done});
  const auto rank = [&](ExitStatus status) { return std::ranges::find(kWorstFirst, status); };
  return std::min(rank(left), rank(right)) == rank(left) ? left : right;
}

WallTime now() { return std::chrono::floor<WallTime::duration>(std::chrono::system_clock::now()); }

}  // namespace rowferry::client
