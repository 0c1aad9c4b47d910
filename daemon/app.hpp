#pragma once

#include <functional>
#include <memory>

#include "api/event_feed.hpp"
#include "api/router.hpp"
#include "api/server.hpp"
#include "base/async.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "config/settings.hpp"
#include "core/state_store.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/signals.hpp"
#include "engine/job_board.hpp"

namespace rowferry {

/// The daemon: the one visible place where its parts are put together. Started in the order state
/// store, jobs, API; stopped in reverse.
class App {
 public:
  /// Reads the configuration again.
  using LoadAgain = std::function<config::LoadResult()>;

  /// Everything passed in outlives the application.
  App(EventLoop& loop, config::Settings settings, const Redactor& redactor, Log& log,
      LoadAgain load_again);

  /// Serves until SIGTERM or SIGINT. Throws Error{config} when state or address cannot be had.
  Task<> run();

 private:
  Task<> serve_until_stopped();
  Task<> feed_watchdog();
  Task<> stop_jobs();
  void announce_start();
  void announce_stop();
  void report_progress();
  void ask_reload();
  Task<> reload();
  void refuse_reload(const config::Problems& problems);
  void adopt(const config::Settings& settings);
  void announce_reload(const Reloaded& reloaded);

  EventLoop& loop_;
  config::Settings settings_;
  Log& log_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<JobBoard> board_;
  api::EventFeed events_;
  api::Router router_;
  api::Server server_;
  StopToken stop_;
  LoadAgain load_again_;
  bool is_serving_ = false;
  /// What goes on beside the jobs, until the end.
  TaskGroup background_;
  Signals signals_;
};

/// What the engine needs to know of the configuration.
[[nodiscard]] BoardDefinition board_definition(const config::Settings& settings);

}  // namespace rowferry
