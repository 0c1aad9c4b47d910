// What operators can see and do.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/job_board_body.hpp"

namespace rowferry {
namespace {

/// Names the connection, unless its trouble does so already.
std::string of_connection(const std::string& name, const std::string& trouble) {
  const std::string prefix = fmt::format("connection {}: ", name);
  return trouble.starts_with(prefix) ? trouble : prefix + trouble;
}

}  // namespace

std::shared_ptr<Job> JobBoard::Body::find(const std::string& name) const {
  for (const auto& job : jobs) {
    if (job->name() == name) {
      return job;
    }
  }
  throw RefusedError(Refusal::not_found, fmt::format("there is no job {}", name));
}

RunView JobBoard::Body::current(const Run& run) const {
  for (const auto& job : jobs) {
    if (job->name() == run.job) {
      if (auto live = job->live_run(run.id)) {
        return *std::move(live);
      }
    }
  }
  RunView view;
  view.run = run;
  return view;
}

Task<Run> JobBoard::Body::find_run(std::int64_t id) {
  std::optional<Run> run = co_await store.run(id);
  if (!run) {
    throw RefusedError(Refusal::not_found, fmt::format("there is no run {}", id));
  }
  co_return *std::move(run);
}

Task<std::vector<JobView>> JobBoard::jobs() {
  std::vector<JobView> views;
  // A reload may change the list meanwhile.
  const std::vector<std::shared_ptr<Job>> all = body_->jobs;
  for (const auto& job : all) {
    JobView view = co_await job->view();
    views.push_back(std::move(view));
  }
  co_return views;
}

Task<JobView> JobBoard::job(std::string name) {
  const std::shared_ptr<Job> found = body_->find(name);
  co_return co_await found->view();
}

Task<RunView> JobBoard::start_run(std::string job, RunRequest request) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_return co_await found->start_run(std::move(request));
}

Task<std::vector<RunView>> JobBoard::runs(RunQuery query) {
  if (query.job) {
    body_->find(*query.job);
  }
  const std::vector<Run> runs = co_await body_->store.runs(std::move(query));
  std::vector<RunView> views;
  for (const Run& run : runs) {
    views.push_back(body_->current(run));
  }
  co_return views;
}

Task<RunView> JobBoard::run(std::int64_t id) {
  const Run run = co_await body_->find_run(id);
  co_return body_->current(run);
}

Task<RunView> JobBoard::cancel(std::int64_t id) {
  const Run known = co_await body_->find_run(id);
  if (known.state != RunState::queued && known.state != RunState::running) {
    throw RefusedError(Refusal::conflict,
                       fmt::format("run {} is over: {}", id, to_string(known.state)));
  }
  const std::shared_ptr<Job> found = body_->find(known.job);
  const bool is_ours = co_await found->cancel(id);
  if (!is_ours) {
    throw RefusedError(Refusal::conflict, fmt::format("run {} is not made by this process", id));
  }
  co_return co_await run(id);
}

Task<JobView> JobBoard::pause(std::string job) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_await found->pause();
  co_return co_await found->view();
}

Task<JobView> JobBoard::resume(std::string job) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_await found->resume();
  body_->watch.check_now(found->definition().source_connection);
  body_->watch.check_now(found->definition().sink_connection);
  co_return co_await found->view();
}

Task<std::string> JobBoard::checkpoint(std::string job) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_return co_await found->checkpoint();
}

Task<std::string> JobBoard::set_checkpoint(std::string job, std::string json) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_return co_await found->set_checkpoint(std::move(json));
}

Task<> JobBoard::erase_checkpoint(std::string job) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_await found->erase_checkpoint();
}

Task<RunView> JobBoard::replay(std::string job, std::string reason) {
  RunRequest request;
  request.type = RunType::replay;
  request.reason = std::move(reason);
  const std::shared_ptr<Job> found = body_->find(job);
  co_return co_await found->start_run(std::move(request));
}

Task<std::size_t> JobBoard::drop_dead_letters(std::string job, std::string reason) {
  const std::shared_ptr<Job> found = body_->find(job);
  co_return co_await found->drop_dead_letters(std::move(reason));
}

Task<std::vector<DeadLetter>> JobBoard::dead_letters(DeadLetterQuery query) {
  body_->find(query.job);
  co_return co_await body_->store.dead_letters(std::move(query));
}

Readiness JobBoard::readiness() {
  Readiness readiness;
  std::map<std::string, std::string> troubles;
  for (const auto& [name, connection] : body_->connections) {
    std::string trouble = body_->is_needed(name) ? body_->watch.trouble(name) : "";
    if (!trouble.empty()) {
      readiness.connections.push_back({name, trouble});
      troubles[name] = std::move(trouble);
    }
  }
  for (const auto& job : body_->jobs) {
    if (job->state() == JobState::failed) {
      readiness.failed_jobs.push_back({job->name(), job->last_error()});
    } else if (job->state() == JobState::backing_off) {
      readiness.backing_off_jobs.push_back({job->name(), job->last_error()});
    }
    const JobDefinition& definition = job->definition();
    for (const std::string& used : {definition.source_connection, definition.sink_connection}) {
      const auto trouble = troubles.find(used);
      if (!job->is_paused() && trouble != troubles.end()) {
        readiness.jobs.push_back({job->name(), of_connection(used, trouble->second)});
        break;
      }
    }
  }
  const Progress slowest = progress();
  if (slowest.stuck >= Progress::kStuckMax) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(slowest.stuck).count();
    readiness.jobs.push_back({slowest.job, fmt::format("no progress for {} minutes", minutes)});
  }
  return readiness;
}

std::string JobBoard::metrics() {
  for (const auto& job : body_->jobs) {
    job->refresh_metrics();
  }
  return body_->metrics.to_text();
}

}  // namespace rowferry
