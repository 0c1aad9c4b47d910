#include "api/event_feed.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/plain_json.hpp"
#include "api/views.hpp"

namespace rowferry::api {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kInterval{500};
constexpr int kShareOfTime = 10;
constexpr std::size_t kListenersMax = 128;
constexpr std::size_t kRunsAtOnce = 100;
constexpr std::size_t kOpenRunsMax = 1000;

bool is_open(const Run& run) {
  return run.state == RunState::queued || run.state == RunState::running;
}

}  // namespace

EventFeed::EventFeed(const Runtime& runtime, Control& control)
    : runtime_(runtime), control_(control), changed_(runtime.executor) {}

void EventFeed::stop() {
  is_stopped_ = true;
  for (const auto& listener : listeners()) {
    listener->close();
  }
  changed_.notify();
}

EventFeed::Listeners EventFeed::listeners() {
  Listeners alive;
  for (const auto& weak : listeners_) {
    if (auto listener = weak.lock()) {
      alive.push_back(std::move(listener));
    }
  }
  listeners_.assign(alive.begin(), alive.end());
  return alive;
}

std::shared_ptr<EventListener> EventFeed::listen() {
  if (is_stopped_ || listeners().size() >= kListenersMax) {
    return nullptr;
  }
  auto listener = std::make_shared<EventListener>(runtime_.executor, runtime_.clock);
  listeners_.push_back(listener);
  changed_.notify();
  return listener;
}

Task<> EventFeed::serve() {
  const Clock& clock = runtime_.clock;
  while (!is_stopped_) {
    if (listeners().empty()) {
      forget();
      co_await changed_.wait();
      continue;
    }
    const SteadyTime begun = clock.steady_now();
    co_await look();
    const auto pause =
        std::max<SteadyTime::duration>(kInterval, (clock.steady_now() - begun) * kShareOfTime);
    const SteadyTime until = clock.steady_now() + pause;
    while (!is_stopped_ && clock.steady_now() < until) {
      co_await clock.wait_for(changed_, until - clock.steady_now());
    }
  }
}

void EventFeed::forget() {
  jobs_.clear();
  open_runs_.clear();
  is_begun_ = false;
}

// Listeners stay when the store fails: it may come back.
Task<> EventFeed::look() {
  try {
    co_await look_at_jobs();
    co_await look_at_runs();
    is_failing_ = false;
  } catch (const std::exception& error) {
    if (!std::exchange(is_failing_, true)) {
      runtime_.log.warn("events cannot be told", {{"error", error.what()}});
    }
  }
}

Task<> EventFeed::look_at_jobs() {
  const std::vector<JobView> views = co_await control_.jobs();
  const Listeners alive = listeners();
  std::map<std::string, json::object> before = std::exchange(jobs_, {});
  for (const JobView& view : views) {
    auto known = before.extract(view.name);
    if (!known.empty()) {
      jobs_.insert(std::move(known));
    }
    tell_job(view, alive);
  }
  for (const auto& [name, job] : before) {
    const EventText text = event_text("gone", plain_json(json::object{{"name", name}}));
    for (const auto& listener : alive) {
      listener->push(text);
    }
  }
  for (const auto& listener : alive) {
    listener->is_welcomed = true;
  }
}

void EventFeed::tell_job(const JobView& view, const Listeners& listeners) {
  const json::object job = job_json(view);
  json::object lasting = job;
  lasting.erase("lag_seconds");
  json::object& known = jobs_[view.name];
  const bool is_changed = known != lasting;
  EventText text;
  for (const auto& listener : listeners) {
    if (listener->is_welcomed && !is_changed) {
      continue;
    }
    text = text ? text : event_text("job", plain_json(job));
    if (listener->is_welcomed) {
      listener->push(text);
    } else {
      listener->welcome(text);
    }
  }
  known = std::move(lasting);
}

// What is not over now will be told when it changes; what is over by now was told by the jobs.
Task<> EventFeed::begin_runs() {
  RunQuery newest;
  newest.limit = 1;
  const std::vector<RunView> last = co_await control_.runs(newest);
  newest_run_ = last.empty() ? 0 : last.front().run.id;
  for (const RunState state : {RunState::queued, RunState::running}) {
    RunQuery query;
    query.state = state;
    query.limit = kOpenRunsMax;
    const std::vector<RunView> open = co_await control_.runs(query);
    for (const RunView& view : open) {
      open_runs_.try_emplace(view.run.id);
    }
  }
  is_begun_ = true;
}

Task<> EventFeed::look_at_runs() {
  if (!is_begun_) {
    co_await begin_runs();
  }
  RunQuery query;
  query.limit = kRunsAtOnce;
  std::map<std::int64_t, RunView> seen;
  bool is_caught_up = false;
  while (!is_caught_up) {
    const std::vector<RunView> page = co_await control_.runs(query);
    for (const RunView& view : page) {
      seen.emplace(view.run.id, view);
    }
    is_caught_up = page.size() < kRunsAtOnce || page.back().run.id <= newest_run_;
    query.before = page.empty() ? 0 : page.back().run.id;
  }
  co_await look_at_open_runs(std::move(seen));
}

Task<> EventFeed::look_at_open_runs(std::map<std::int64_t, RunView> seen) {
  std::vector<std::int64_t> others;
  for (const auto& [id, told] : open_runs_) {
    if (!seen.contains(id)) {
      others.push_back(id);
    }
  }
  const std::int64_t newest = newest_run_;
  for (const auto& [id, view] : seen) {
    if (id > newest || open_runs_.contains(id)) {
      tell_run(view);
    }
  }
  for (const std::int64_t id : others) {
    co_await look_at_run(id);
  }
}

Task<> EventFeed::look_at_run(std::int64_t id) {
  try {
    const RunView view = co_await control_.run(id);
    tell_run(view);
  } catch (const RefusedError&) {
    // The history forgot it.
    open_runs_.erase(id);
  }
}

void EventFeed::tell_run(const RunView& view) {
  newest_run_ = std::max(newest_run_, view.run.id);
  json::object run = run_json(view);
  json::object& told = open_runs_[view.run.id];
  if (told != run) {
    const EventText text = event_text("run", plain_json(run));
    for (const auto& listener : listeners()) {
      listener->push(text);
    }
  }
  if (is_open(view.run)) {
    told = std::move(run);
  } else {
    open_runs_.erase(view.run.id);
  }
}

}  // namespace rowferry::api
