#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "base/error.hpp"
#include "daemon/client/conversation.hpp"
#include "daemon/client/view_reader.hpp"
#include "daemon/commands/commands.hpp"

namespace rowferry {
namespace {

using client::ApiClient;
using client::ApiReply;

Task<ExitStatus> put_job(ApiClient& api, const Options& options, std::string job,
                         std::string_view verb) {
  std::string target = client::job_path(job, verb);
  const ApiReply reply = co_await api.put(std::move(target));
  const JobView view = client::read_job(reply.body);
  fmt::print(stderr, "{}: {}\n", view.name, to_string(view.state));
  fmt::print("{}", options.json ? reply.text : "");
  co_return ExitStatus::done;
}

Task<ExitStatus> pause_job(ApiClient& api, const Options& options, std::string job) {
  return put_job(api, options, std::move(job), "/pause");
}

Task<ExitStatus> resume_job(ApiClient& api, const Options& options, std::string job) {
  return put_job(api, options, std::move(job), "/resume");
}

// The runs of a job that have not ended.
Task<std::vector<RunView>> runs_under_way(ApiClient& api, std::string job) {
  std::vector<RunView> runs;
  for (const RunState state : {RunState::running, RunState::queued}) {
    std::string target =
        fmt::format("/v1/runs?job={}&state={}", http::percent_encode(job), to_string(state));
    const ApiReply reply = co_await api.get(std::move(target));
    for (RunView& run : client::read_runs(reply.body)) {
      runs.push_back(std::move(run));
    }
  }
  co_return runs;
}

Task<ExitStatus> cancel_job(ApiClient& api, const Options& options, std::string job) {
  std::string known = client::job_path(job);
  const ApiReply shown = co_await api.get(std::move(known));
  const std::vector<RunView> runs = co_await runs_under_way(api, job);
  if (runs.empty() && !options.all) {
    throw Error(Failure::rejected, fmt::format("no run of {} is under way", job));
  }
  for (const RunView& run : runs) {
    std::string target = fmt::format("/v1/runs/{}", run.run.id);
    const ApiReply reply = co_await api.remove(std::move(target));
    fmt::print(stderr, "{}: {} (run id {}) ends after the batch in flight\n", job,
               to_string(run.run.type), run.run.id);
    fmt::print("{}", options.json ? reply.text : "");
  }
  co_return ExitStatus::done;
}

Task<ExitStatus> pause_jobs(ApiClient& api, const Options& options) {
  return client::for_each_job(api, options, pause_job);
}
Task<ExitStatus> resume_jobs(ApiClient& api, const Options& options) {
  return client::for_each_job(api, options, resume_job);
}
Task<ExitStatus> cancel_jobs(ApiClient& api, const Options& options) {
  return client::for_each_job(api, options, cancel_job);
}

}  // namespace

ExitStatus pause(const Options& options) { return client::converse(options, pause_jobs); }
ExitStatus resume(const Options& options) { return client::converse(options, resume_jobs); }
ExitStatus cancel(const Options& options) { return client::converse(options, cancel_jobs); }

}  // namespace rowferry
