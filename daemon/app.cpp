#include "daemon/app.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "api/routes/routes.hpp"
#include "components.hpp"
#include "daemon/systemd_notify.hpp"
#include "daemon/version.hpp"

namespace rowferry {
namespace {

api::Admission admission_of(const config::DaemonSettings& settings) {
  api::Admission admission;
  admission.tokens.operate = settings.operate_token;
  admission.tokens.read = settings.read_token;
  admission.is_loopback = settings.listen.unix_path.empty() && settings.listen.is_local();
  return admission;
}

api::ServerSettings server_settings(const config::DaemonSettings& settings) {
  api::ServerSettings server;
  server.listen.host = settings.listen.host;
  server.listen.port = settings.listen.port;
  server.listen.unix_path = settings.listen.unix_path.string();
  server.tls.certificate_file = settings.tls.certificate_file;
  server.tls.private_key_file = settings.tls.private_key_file;
  server.limits.body_bytes_max = settings.api.body_bytes_max;
  server.limits.connections_max = settings.api.connections_max;
  server.limits.header_timeout = settings.api.header_timeout;
  server.limits.idle_timeout = settings.api.idle_timeout;
  return server;
}

void add_routes(api::Router& router, Control& control, api::EventFeed& events) {
  api::Version known;
  known.version = version();
  known.revision = revision();
  api::add_health_routes(router, control, known);
  api::add_job_routes(router, control);
  api::add_run_routes(router, control);
  api::add_dead_letter_routes(router, control);
  api::add_event_routes(router, events);
  api::add_page_route(router);
  api::add_openapi_route(router, known);
}

// The keys that only a restart can change, and that are different.
std::vector<std::string> fixed_differences(const config::DaemonSettings& before,
                                           const config::DaemonSettings& now) {
  std::vector<std::string> keys;
  const auto note = [&keys](bool differs, const char* key) {
    if (differs) {
      keys.emplace_back(key);
    }
  };
  note(before.listen.text != now.listen.text, "listen");
  note(before.tls != now.tls, "tls");
  note(before.api != now.api, "api");
  note(before.state.store != now.state.store || before.state.path != now.state.path, "state");
  note(before.history_runs != now.history_runs, "history_runs");
  note(before.log != now.log, "log");
  return keys;
}

}  // namespace

BoardDefinition board_definition(const config::Settings& settings) {
  BoardDefinition definition;
  definition.connections = settings.connections;
  definition.jobs = settings.jobs;
  definition.version = version();
  definition.revision = revision();
  return definition;
}

App::App(EventLoop& loop, config::Settings settings, const Redactor& redactor, Log& log,
         LoadAgain load_again)
    : loop_(loop),
      settings_(std::move(settings)),
      log_(log),
      store_(make_state_store(settings_.daemon, loop.runtime())),
      board_(std::make_unique<JobBoard>(loop.runtime(), *store_, redactor,
                                        board_definition(settings_))),
      events_(loop.runtime(), *board_),
      router_(admission_of(settings_.daemon), log),
      server_(loop.runtime(), server_settings(settings_.daemon), router_),
      stop_(loop.runtime().executor),
      load_again_(std::move(load_again)),
      background_(loop.runtime().executor),
      signals_(
          loop.runtime().executor, [this] { stop_.request_stop(); }, [this] { ask_reload(); }) {
  add_routes(router_, *board_, events_);
}

Task<> App::run() {
  co_await store_->open(StoreAccess::exclusive);
  server_.start();
  co_await board_->start();
  background_.spawn(server_.serve());
  background_.spawn(events_.serve());
  background_.spawn(feed_watchdog());
  co_await serve_until_stopped();
  events_.stop();
  server_.stop();
  co_await background_.join();
  signals_.close();
  co_await store_->close();
  log_.info("stopped");
}

// Log lines are written outside coroutines: g++ 12 miscompiles lists in braces inside them.
void App::announce_start() {
  log_.info("rowferry started", {{"version", version()},
                                 {"revision", revision()},
                                 {"jobs", settings_.jobs.size()},
                                 {"listen", settings_.daemon.listen.text}});
  notify_service_manager("READY=1");
}

void App::announce_stop() {
  notify_service_manager("STOPPING=1");
  log_.info("stopping: batches in flight are finished and saved",
            {{"grace_ms", settings_.daemon.shutdown_grace.count()}});
}

void App::report_progress() {
  const Progress progress = board_->progress();
  if (progress.stuck < Progress::kStuckMax) {
    notify_service_manager("WATCHDOG=1");
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(progress.stuck).count();
  log_.error("a job hangs; the service manager is not told that all is well",
             {{"job", progress.job}, {"seconds", seconds}});
}

// SIGHUP. What is wrong leaves everything as it is.
void App::ask_reload() {
  server_.reload_certificate();
  if (is_serving_) {
    background_.spawn(reload());
  }
}

Task<> App::reload() {
  config::LoadResult loaded = load_again_();
  if (!loaded.settings) {
    refuse_reload(loaded.problems);
    co_return;
  }
  adopt(*loaded.settings);
  BoardDefinition next = board_definition(settings_);
  try {
    const Reloaded reloaded = co_await board_->reload(std::move(next));
    announce_reload(reloaded);
  } catch (const std::exception& error) {
    log_.error("the new configuration could not be followed to its end: restart the daemon",
               {{"error", error.what()}});
  }
}

void App::refuse_reload(const config::Problems& problems) {
  for (const config::Problem& problem : problems.list()) {
    log_.error("the configuration is wrong and was not read again; the old one is kept",
               {{"line", problem.line}, {"key", problem.key_path}, {"problem", problem.text}});
  }
}

// Tokens and the grace are taken over; the rest of `daemon` is what the process was started with.
void App::adopt(const config::Settings& settings) {
  const std::vector<std::string> fixed = fixed_differences(settings_.daemon, settings.daemon);
  if (!fixed.empty()) {
    log_.warn("these keys of daemon need a restart",
              {{"keys", fmt::to_string(fmt::join(fixed, ", "))}});
  }
  settings_.jobs = settings.jobs;
  settings_.connections = settings.connections;
  settings_.daemon.operate_token = settings.daemon.operate_token;
  settings_.daemon.read_token = settings.daemon.read_token;
  settings_.daemon.shutdown_grace = settings.daemon.shutdown_grace;
  router_.admit(admission_of(settings_.daemon));
}

void App::announce_reload(const Reloaded& reloaded) {
  log_.info("the configuration was read again",
            {{"jobs", settings_.jobs.size()},
             {"ended", fmt::to_string(fmt::join(reloaded.ended, ", "))},
             {"begun", fmt::to_string(fmt::join(reloaded.begun, ", "))}});
}

Task<> App::serve_until_stopped() {
  announce_start();
  is_serving_ = true;
  bool more = true;
  while (more) {
    more = co_await stop_.sleep_for(std::chrono::hours(24));
  }
  is_serving_ = false;
  announce_stop();
  co_await stop_jobs();
}

Task<> App::stop_jobs() {
  const bool finished = co_await board_->stop(settings_.daemon.shutdown_grace);
  if (!finished) {
    log_.warn("the grace is over; what is in flight is sent again after the restart");
    log_.flush();
    std::_Exit(0);
  }
}

Task<> App::feed_watchdog() {
  const auto interval = watchdog_interval();
  const auto pause = interval ? *interval / 3 : std::chrono::microseconds(std::chrono::hours(24));
  bool more = co_await stop_.sleep_for(pause);
  while (more) {
    report_progress();
    more = co_await stop_.sleep_for(pause);
  }
}

}  // namespace rowferry
