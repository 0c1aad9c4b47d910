#include "engine/job_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/job_board_body.hpp"

namespace rowferry {
namespace {

using std::chrono::milliseconds;

// First polls are spread: so much between one job's and the next's.
constexpr milliseconds kFirstPollSpacing{1};
constexpr milliseconds kProgressInterval{500};
constexpr std::chrono::minutes kForegroundPatience{5};

}  // namespace

JobBoard::Body::Body(const Runtime& runtime_parts, StateStore& state, const Redactor& secrets,
                     BoardDefinition board)
    : runtime(runtime_parts),
      store(state),
      redactor(secrets),
      definition(std::move(board)),
      metrics(definition.version, definition.revision),
      watch(runtime, redactor, metrics,
            [this](const std::string& connection) { return is_needed(connection); }),
      left(runtime.executor),
      reloading(runtime.executor),
      tasks(runtime.executor),
      closing(runtime.executor),
      ended(runtime.executor) {}

JobBoard::JobBoard(const Runtime& runtime, StateStore& store, const Redactor& redactor,
                   BoardDefinition definition)
    : body_(std::make_unique<Body>(runtime, store, redactor, std::move(definition))) {
  body_->make_connections();
  for (const JobDefinition& job : body_->definition.jobs) {
    body_->add_job(job);
  }
}

JobBoard::~JobBoard() = default;

void JobBoard::Body::make_connections() {
  std::set<std::string> used;
  for (const JobDefinition& job : definition.jobs) {
    for (const std::string& name : job.connections()) {
      used.insert(name);
    }
  }
  std::vector<const ConnectionDefinition*> replicas;
  for (const ConnectionDefinition& connection : definition.connections) {
    std::shared_ptr<Connection>& known = connections[connection.name];
    if (known == nullptr) {
      known = connection.make(runtime);
      if (!connection.primary.empty()) {
        replicas.push_back(&connection);
      }
    }
    if (used.contains(connection.name)) {
      watch.add(known);
    }
  }
  for (const ConnectionDefinition* replica : replicas) {
    connections.at(replica->name)->follow(connections.at(replica->primary));
  }
}

void JobBoard::Body::add_job(const JobDefinition& job) {
  job_metrics.push_back(metrics.add_job(job.settings.name));
  JobParts parts{
      runtime,
      store,
      redactor,
      *job_metrics.back(),
      [this](std::chrono::steady_clock::duration took) { metrics.observe_state_save(took); },
      connections.at(job.source_connection),
      connections.at(job.sink_connection),
      [this](const std::string& connection) { watch.check_now(connection); }};
  jobs.push_back(std::make_shared<Job>(job, std::move(parts)));
}

bool JobBoard::Body::is_needed(const std::string& connection) const {
  return std::any_of(jobs.begin(), jobs.end(), [&connection](const auto& job) {
    const std::vector<std::string> used = job->definition().connections();
    return !job->is_paused() && std::ranges::find(used, connection) != used.end();
  });
}

Task<> JobBoard::start() {
  Body& body = *body_;
  for (const auto& job : body.jobs) {
    co_await job->load();
  }
  milliseconds first_delay{0};
  for (const auto& job : body.jobs) {
    body.start_job(job, first_delay);
    first_delay += kFirstPollSpacing;
  }
  body.watch.start();
  body.is_started = true;
}

void JobBoard::Body::start_job(const std::shared_ptr<Job>& job, milliseconds first_delay) {
  serving.insert(job.get());
  tasks.spawn(serve(job, first_delay));
}

Task<> JobBoard::Body::serve(std::shared_ptr<Job> job, milliseconds first_delay) {
  try {
    co_await job->serve(first_delay);
  } catch (const std::exception& error) {
    runtime.log.error("a job ended by a defect of rowferry; restart the daemon",
                      {{"job", job->name()}, {"error", redactor.redact(error.what())}});
  }
  serving.erase(job.get());
  left.notify();
}

Task<bool> JobBoard::stop(milliseconds grace) {
  Body& body = *body_;
  interrupt();
  if (!body.is_started) {
    co_return true;
  }
  body.closing.spawn(body.end_all());
  const Clock& clock = body.runtime.clock;
  const SteadyTime until = clock.steady_now() + grace;
  while (!body.has_ended && clock.steady_now() < until) {
    co_await clock.wait_for(body.ended, until - clock.steady_now());
  }
  if (body.has_ended) {
    co_await body.closing.join();
    body.is_started = false;
  }
  co_return body.has_ended;
}

Task<> JobBoard::Body::end_all() {
  co_await tasks.join();
  co_await watch.stop();
  for (const auto& [name, connection] : connections) {
    co_await connection->close();
  }
  has_ended = true;
  ended.notify();
}

Task<FinishedRun> JobBoard::run_once(std::string job, RunRequest request,
                                     std::function<void(const RunView&)> on_progress) {
  Body& body = *body_;
  const std::shared_ptr<Job> known = body.find(job);
  Job& found = *known;
  found.limit_patience(kForegroundPatience);
  co_await found.load();
  const RunView asked = co_await found.start_run(std::move(request));
  if (!found.has_run(asked.run.id)) {
    throw RefusedError(Refusal::conflict,
                       fmt::format("another process makes run {} of job {}", asked.run.id, job));
  }
  body.has_ended = false;
  body.tasks.spawn(body.show_progress(found, std::move(on_progress)));
  FinishedRun finished;
  std::vector<Run> made = co_await found.run_asked();
  finished.run = made.empty() ? asked.run : made.back();
  if (!made.empty()) {
    made.pop_back();
  }
  finished.before = std::move(made);
  finished.is_refused = found.is_refused();
  body.has_ended = true;
  body.ended.notify();
  co_await body.tasks.join();
  co_return finished;
}

void JobBoard::interrupt() {
  body_->is_stopping = true;
  for (const auto& job : body_->jobs) {
    job->ask_stop();
  }
}

Task<> JobBoard::Body::show_progress(const Job& job,
                                     std::function<void(const RunView&)> on_progress) {
  while (!has_ended) {
    const std::optional<RunView> live = job.live_run();
    if (live && on_progress) {
      on_progress(*live);
    }
    co_await runtime.clock.wait_for(ended, kProgressInterval);
  }
}

Progress JobBoard::progress() const {
  Progress slowest;
  const SteadyTime now = body_->runtime.clock.steady_now();
  for (const auto& job : body_->jobs) {
    const std::optional<SteadyTime> step = job->last_step();
    if (step && (slowest.job.empty() || now - *step > slowest.stuck)) {
      slowest.job = job->name();
      slowest.stuck = now - *step;
    }
  }
  return slowest;
}

}  // namespace rowferry
