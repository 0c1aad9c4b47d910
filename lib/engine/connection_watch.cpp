#include "engine/connection_watch.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "base/error.hpp"

namespace rowferry {
namespace {

// Together under the ten seconds within which a failure must be known.
constexpr std::chrono::seconds kInterval{3};
constexpr std::chrono::seconds kDeadline{5};

}  // namespace

struct ConnectionWatch::Watched {
  Watched(std::shared_ptr<Connection> watched, const boost::asio::any_io_executor& executor)
      : connection(std::move(watched)), changed(executor) {}

  std::shared_ptr<Connection> connection;
  /// A check was asked for, or a probe ended.
  Event changed;
  bool is_asked = false;
  bool is_probing = false;
  /// The watch shall end, and has.
  bool is_leaving = false;
  bool has_left = false;
  std::string trouble = "not asked yet";
};

ConnectionWatch::ConnectionWatch(const Runtime& runtime, const Redactor& redactor, Metrics& metrics,
                                 IsNeeded is_needed)
    : runtime_(runtime),
      redactor_(redactor),
      metrics_(metrics),
      is_needed_(std::move(is_needed)),
      tasks_(runtime.executor) {}

void ConnectionWatch::add(std::shared_ptr<Connection> connection) {
  const std::string name = connection->name();
  if (watched_.contains(name)) {
    return;
  }
  metrics_.add_connection(name);
  const auto watched = std::make_shared<Watched>(std::move(connection), runtime_.executor);
  watched_[name] = watched;
  if (is_started_) {
    tasks_.spawn(watch(watched));
  }
}

Task<> ConnectionWatch::remove(std::string connection) {
  const auto found = watched_.find(connection);
  if (found == watched_.end()) {
    co_return;
  }
  const std::shared_ptr<Watched> watched = found->second;
  watched_.erase(found);
  watched->is_leaving = true;
  watched->changed.notify();
  while (!watched->has_left) {
    co_await watched->changed.wait();
  }
  metrics_.remove_connection(connection);
}

void ConnectionWatch::start() {
  is_started_ = true;
  for (const auto& [name, watched] : watched_) {
    tasks_.spawn(watch(watched));
  }
}

Task<> ConnectionWatch::stop() {
  is_stopping_ = true;
  for (const auto& [name, watched] : watched_) {
    watched->changed.notify();
  }
  co_await tasks_.join();
}

void ConnectionWatch::check_now(const std::string& connection) {
  const auto found = watched_.find(connection);
  if (found != watched_.end()) {
    found->second->is_asked = true;
    found->second->changed.notify();
  }
}

std::string ConnectionWatch::trouble(const std::string& connection) const {
  const auto found = watched_.find(connection);
  return found == watched_.end() ? "" : found->second->trouble;
}

Task<> ConnectionWatch::watch(std::shared_ptr<Watched> watched) {
  const Clock& clock = runtime_.clock;
  const auto ends = [this, &watched]() { return is_stopping_ || watched->is_leaving; };
  while (!ends()) {
    watched->is_asked = false;
    if (is_needed_(watched->connection->name())) {
      co_await probe(*watched);
    }
    const SteadyTime until = clock.steady_now() + kInterval;
    while (!ends() && !watched->is_asked && clock.steady_now() < until) {
      co_await clock.wait_for(watched->changed, until - clock.steady_now());
    }
  }
  watched->has_left = true;
  watched->changed.notify();
}

// A probe that does not end within the deadline is a failure at once, and waited for afterwards.
Task<> ConnectionWatch::probe(Watched& watched) {
  const Clock& clock = runtime_.clock;
  watched.is_probing = true;
  tasks_.spawn(ask(watched));
  const SteadyTime until = clock.steady_now() + kDeadline;
  while (watched.is_probing && clock.steady_now() < until) {
    co_await clock.wait_for(watched.changed, until - clock.steady_now());
  }
  if (watched.is_probing) {
    judge(watched, fmt::format("no answer within {} s", kDeadline.count()));
  }
  while (watched.is_probing) {
    co_await watched.changed.wait();
  }
}

Task<> ConnectionWatch::ask(Watched& watched) {
  std::string trouble;
  try {
    co_await watched.connection->probe();
  } catch (const std::exception& error) {
    trouble = redactor_.redact(error.what());
    trouble = trouble.empty() ? "failed without a message" : trouble;
  }
  judge(watched, std::move(trouble));
  watched.is_probing = false;
  watched.changed.notify();
}

void ConnectionWatch::judge(Watched& watched, std::string trouble) {
  const std::string& name = watched.connection->name();
  if (trouble.empty() && !watched.trouble.empty()) {
    runtime_.log.info("connection answers", {{"connection", name}});
  }
  if (!trouble.empty() && trouble != watched.trouble) {
    runtime_.log.warn("connection fails", {{"connection", name}, {"error", trouble}});
  }
  metrics_.set_connection_up(name, trouble.empty());
  watched.trouble = std::move(trouble);
}

}  // namespace rowferry
