#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <utility>

#include "daemon/client/conversation.hpp"
#include "daemon/client/follow.hpp"
#include "daemon/client/view_reader.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/run_summary.hpp"

namespace rowferry {
namespace {

using client::ApiClient;
using client::ApiReply;

std::string request_body(const Options& options) {
  const bool has_window = !options.from.empty() || !options.to.empty();
  std::string type = options.run_type;
  if (type.empty()) {
    type = has_window ? "backfill" : "sync";
  }
  boost::json::object body{{"type", type}};
  if (!options.from.empty()) {
    body["from"] = options.from;
  }
  if (!options.to.empty()) {
    body["to"] = options.to;
  }
  return boost::json::serialize(body);
}

Task<ExitStatus> trigger_job(ApiClient& api, const Options& options, std::string job) {
  std::string target = client::job_path(job, "/runs");
  std::string body = request_body(options);
  ApiReply reply = co_await api.post(std::move(target), std::move(body));
  const ExitStatus status = co_await report_run(api, options, std::move(reply));
  co_return status;
}

Task<ExitStatus> trigger_jobs(ApiClient& api, const Options& options) {
  return client::for_each_job(api, options, trigger_job);
}

}  // namespace

Task<ExitStatus> report_run(ApiClient& api, const Options& options, ApiReply started) {
  const Run run = client::read_run(started.body).run;
  fmt::print(stderr, "{}: {} is {} (run id {})\n", run.job, to_string(run.type),
             to_string(run.state), run.id);
  if (!options.wait) {
    fmt::print("{}", options.json ? started.text : "");
    co_return ExitStatus::done;
  }
  const client::FollowedRun followed = co_await client::follow_run(api, run.id);
  const Run& ended = followed.view.run;
  fmt::print(stderr, "{}\n", run_summary(ended, client::now()));
  if (!ended.error.empty()) {
    fmt::print(stderr, "{}\n", ended.error);
  }
  fmt::print("{}", options.json ? followed.text : "");
  co_return status_of_run(ended);
}

ExitStatus trigger(const Options& options) { return client::converse(options, trigger_jobs); }

}  // namespace rowferry
