#include "daemon/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "api/routes/routes.hpp"
#include "components.hpp"
#include "daemon/systemd_notify.hpp"
#include "daemon/version.hpp"

namespace rowferry {
namespace {

// A busy job that made no step forward for this long is hung: every statement and request has a
// shorter deadline of its own.
constexpr std::chrono::minutes kStuckMax{15};

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

}  // namespace

BoardDefinition board_definition(const config::Settings& settings) {
  BoardDefinition definition;
  definition.connections = settings.connections;
  definition.jobs = settings.jobs;
  definition.version = version();
  definition.revision = revision();
  return definition;
}

App::App(EventLoop& loop, const config::Settings& settings, const Redactor& redactor, Log& log)
    : loop_(loop),
      settings_(settings),
      log_(log),
      store_(make_state_store(settings.daemon, loop.runtime())),
      board_(std::make_unique<JobBoard>(loop.runtime(), *store_, redactor,
                                        board_definition(settings))),
      events_(loop.runtime(), *board_),
      router_(admission_of(settings.daemon), log),
      server_(loop.runtime(), server_settings(settings.daemon), router_),
      stop_(loop.runtime().executor),
      signals_(
          loop.runtime().executor, [this] { stop_.request_stop(); },
          [this] {
            server_.reload_certificate();
            log_.warn("reloading the configuration is not built yet: restart instead");
          }) {
  add_routes(router_, *board_, events_);
}

Task<> App::run() {
  co_await store_->open(StoreAccess::exclusive);
  server_.start();
  co_await board_->start();
  TaskGroup background(loop_.runtime().executor);
  background.spawn(server_.serve());
  background.spawn(events_.serve());
  background.spawn(feed_watchdog());
  co_await serve_until_stopped();
  events_.stop();
  server_.stop();
  co_await background.join();
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
  if (progress.stuck < kStuckMax) {
    notify_service_manager("WATCHDOG=1");
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(progress.stuck).count();
  log_.error("a job hangs; the service manager is not told that all is well",
             {{"job", progress.job}, {"seconds", seconds}});
}

Task<> App::serve_until_stopped() {
  announce_start();
  bool more = true;
  while (more) {
    more = co_await stop_.sleep_for(std::chrono::hours(24));
  }
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
