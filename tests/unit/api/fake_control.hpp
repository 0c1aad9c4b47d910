#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "engine/control.hpp"

namespace rowferry::test {

/// A job that waits, with everything that a view can have.
inline JobView waiting_job(std::string name) {
  JobView job;
  job.name = std::move(name);
  job.source = "shop films";
  job.sink = "search films";
  job.schedule = "every 5s";
  job.lag_seconds = 1.5;
  job.checkpoint_json = R"({"xmin":"7"})";
  job.guarantee = "exact";
  return job;
}

/// A run in a state.
inline RunView run_of(std::int64_t id, std::string job, RunState state) {
  RunView view;
  view.run.id = id;
  view.run.job = std::move(job);
  view.run.run_seq = id;
  view.run.state = state;
  return view;
}

/// An engine that shows what a test puts in, and notes what it was asked.
class FakeControl : public Control {
 public:
  std::vector<JobView> all_jobs;
  std::vector<RunView> all_runs;  ///< oldest first
  std::vector<DeadLetter> letters;
  Readiness state;
  std::vector<std::string> asked;
  int looks = 0;            ///< how often all jobs were asked for
  bool is_failing = false;  ///< jobs cannot be had

  Task<std::vector<JobView>> jobs() override {
    ++looks;
    if (is_failing) {
      throw std::runtime_error("the store is gone");
    }
    co_return all_jobs;
  }
  Task<JobView> job(std::string name) override {
    for (const JobView& known : all_jobs) {
      if (known.name == name) {
        co_return known;
      }
    }
    throw RefusedError(Refusal::not_found, "there is no job " + name);
  }
  Task<RunView> start_run(std::string job, RunRequest request) override {
    asked.push_back(
        fmt::format("{} {} {} {}", job, to_string(request.type), request.from, request.to));
    co_return run_of(1, std::move(job), RunState::queued);
  }
  Task<std::vector<RunView>> runs(RunQuery query) override {
    std::vector<RunView> page;
    for (auto view = all_runs.rbegin(); view != all_runs.rend(); ++view) {
      const bool is_wanted = (!query.state || view->run.state == *query.state) &&
                             (!query.before || view->run.id < *query.before);
      if (is_wanted && page.size() < query.limit) {
        page.push_back(*view);
      }
    }
    co_return page;
  }
  Task<RunView> run(std::int64_t id) override {
    for (const RunView& view : all_runs) {
      if (view.run.id == id) {
        co_return view;
      }
    }
    throw RefusedError(Refusal::not_found, "there is no such run");
  }
  Task<RunView> cancel(std::int64_t id) override { co_return co_await run(id); }
  Task<JobView> pause(std::string name) override { co_return co_await job(std::move(name)); }
  Task<JobView> resume(std::string name) override { co_return co_await job(std::move(name)); }
  Task<std::string> checkpoint(std::string name) override {
    const JobView known = co_await job(std::move(name));
    co_return known.checkpoint_json;
  }
  Task<std::string> set_checkpoint(std::string name, std::string json) override {
    asked.push_back(name + " checkpoint " + json);
    co_return json;
  }
  Task<> erase_checkpoint(std::string name) override {
    asked.push_back(name + " no checkpoint");
    co_return;
  }
  Task<RunView> replay(std::string name, std::string reason) override {
    asked.push_back(name + " replay " + reason);
    co_return run_of(7, std::move(name), RunState::queued);
  }
  Task<std::size_t> drop_dead_letters(std::string name, std::string reason) override {
    asked.push_back(name + " drop " + reason);
    co_return 3;
  }
  Task<std::vector<DeadLetter>> dead_letters(DeadLetterQuery /*query*/) override {
    co_return letters;
  }
  [[nodiscard]] Readiness readiness() override { return state; }
  [[nodiscard]] std::string metrics() override { return "# metrics\n"; }
};

}  // namespace rowferry::test
