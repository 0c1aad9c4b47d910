// A board that follows another configuration: jobs that are the same go on undisturbed.
#include <algorithm>
#include <utility>

#include "engine/job_board_body.hpp"

namespace rowferry {
namespace {

using std::chrono::milliseconds;

const JobDefinition* find_job(const BoardDefinition& board, const std::string& name) {
  const auto is_it = [&name](const JobDefinition& job) { return job.settings.name == name; };
  const auto found = std::ranges::find_if(board.jobs, is_it);
  return found == board.jobs.end() ? nullptr : &*found;
}

// Empty: there is none of that name.
std::string connection_fingerprint(const BoardDefinition& board, const std::string& name) {
  const auto found = std::ranges::find(board.connections, name, &ConnectionDefinition::name);
  return found == board.connections.end() ? std::string() : found->fingerprint;
}

std::vector<std::string> names_of(const std::vector<std::shared_ptr<Job>>& jobs) {
  std::vector<std::string> names;
  for (const auto& job : jobs) {
    names.push_back(job->name());
  }
  return names;
}

}  // namespace

// A job that is not there any more, reads otherwise, or uses a connection that changed.
bool JobBoard::Body::must_leave(const Job& job, const BoardDefinition& next) const {
  const JobDefinition& before = job.definition();
  const JobDefinition* now = find_job(next, job.name());
  if (now == nullptr || now->fingerprint != before.fingerprint) {
    return true;
  }
  const auto has_changed = [this, &next](const std::string& name) {
    return connection_fingerprint(definition, name) != connection_fingerprint(next, name);
  };
  return has_changed(before.source_connection) || has_changed(before.sink_connection);
}

// Their batches in flight are finished and committed; runs stay `running` in the store.
Task<> JobBoard::Body::let_leave(std::vector<std::shared_ptr<Job>> leaving) {
  for (const auto& job : leaving) {
    job->ask_stop();
  }
  for (const auto& job : leaving) {
    while (serving.contains(job.get())) {
      co_await left.wait();
    }
    job->retire_metrics();
    std::erase(jobs, job);
  }
}

// Nobody uses those that changed any more.
Task<> JobBoard::Body::follow_connections(const BoardDefinition& next) {
  for (const ConnectionDefinition& before : definition.connections) {
    if (connection_fingerprint(next, before.name) == before.fingerprint) {
      continue;
    }
    co_await watch.remove(before.name);
    const std::shared_ptr<Connection> known = connections.at(before.name);
    connections.erase(before.name);
    co_await known->close();
  }
  definition = next;
  make_connections();
}

Task<std::vector<std::string>> JobBoard::Body::add_new_jobs() {
  std::vector<std::string> added;
  milliseconds first_delay{0};
  for (const JobDefinition& job : definition.jobs) {
    const auto is_it = [&job](const auto& known) { return known->name() == job.settings.name; };
    if (std::ranges::any_of(jobs, is_it)) {
      continue;
    }
    add_job(job);
    const std::shared_ptr<Job> made = jobs.back();
    co_await made->load();
    if (is_stopping) {
      break;
    }
    start_job(made, first_delay);
    first_delay += milliseconds(1);
    added.push_back(job.settings.name);
  }
  co_return added;
}

Task<Reloaded> JobBoard::reload(BoardDefinition next) {
  Body& body = *body_;
  const AsyncMutex::Lock lock = co_await body.reloading.lock();
  std::vector<std::shared_ptr<Job>> leaving;
  for (const auto& job : body.jobs) {
    if (body.must_leave(*job, next)) {
      leaving.push_back(job);
    }
  }
  Reloaded reloaded;
  reloaded.ended = names_of(leaving);
  co_await body.let_leave(std::move(leaving));
  co_await body.follow_connections(next);
  std::vector<std::string> begun = co_await body.add_new_jobs();
  reloaded.begun = std::move(begun);
  co_return reloaded;
}

}  // namespace rowferry
