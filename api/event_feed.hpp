#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/event_listener.hpp"
#include "base/async.hpp"
#include "base/task.hpp"
#include "core/run_context.hpp"
#include "engine/control.hpp"

namespace rowferry::api {

/// Tells listeners what changes: it looks at jobs and runs about twice a second, as long as
/// somebody listens, and sends what is not as it was. So a job makes at most one event in that
/// time, and the last state always comes. It asks less often where looking takes long: a tenth of
/// the time at most.
class EventFeed {
 public:
  /// Both outlive it.
  EventFeed(const Runtime& runtime, Control& control);

  /// Works until `stop`.
  Task<> serve();
  /// Ends `serve` and all listeners.
  void stop();

  /// A new listener, who is first told the state of all jobs; null: there are too many.
  [[nodiscard]] std::shared_ptr<EventListener> listen();

 private:
  using Listeners = std::vector<std::shared_ptr<EventListener>>;

  [[nodiscard]] Listeners listeners();
  Task<> look();
  Task<> look_at_jobs();
  Task<> look_at_runs();
  Task<> begin_runs();
  Task<> look_at_open_runs(std::map<std::int64_t, RunView> seen);
  Task<> look_at_run(std::int64_t id);
  void tell_job(const JobView& view, const Listeners& listeners);
  void tell_run(const RunView& view);
  void forget();

  const Runtime& runtime_;
  Control& control_;
  Event changed_;
  std::vector<std::weak_ptr<EventListener>> listeners_;
  /// What was told last of each job, but for what changes with time alone.
  std::map<std::string, boost::json::object> jobs_;
  /// What was told last of each run that is not over.
  std::map<std::int64_t, boost::json::object> open_runs_;
  std::int64_t newest_run_ = 0;
  bool is_begun_ = false;
  bool is_failing_ = false;
  bool is_stopped_ = false;
};

}  // namespace rowferry::api
