// What operators ask of a job, and the runs that wait because of it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/job.hpp"

namespace rowferry {
namespace {

// How long a pause is waited for before it is answered.
constexpr std::chrono::seconds kPauseAnswer{5};

bool is_finished(const Run& run) {
  return run.state != RunState::queued && run.state != RunState::running;
}

RunView waiting_view(const LiveRun& live) {
  RunView view;
  view.run = live.run;
  return view;
}

}  // namespace

Task<RunView> Job::start_run(RunRequest request) {
  const AsyncMutex::Lock lock = co_await requests_.lock();
  refuse_wrong_request(request);
  const bool is_sync = request.type == RunType::sync;
  if (const auto known = known_run(request.type)) {
    if (!is_sync) {
      throw RefusedError(Refusal::conflict,
                         fmt::format("job {} makes run {} of type {} already", name(),
                                     known->run.id, to_string(request.type)));
    }
    begin_soon();
    co_return *known;
  }
  if (!is_executing_) {
    if (!co_await runner_.take_lock()) {
      co_return co_await run_elsewhere(request.type);
    }
    co_await adopt_leftovers();
    co_await wake_interrupted_run(request.type);
    if (const auto known = known_run(request.type)) {
      begin_soon();
      co_return *known;
    }
  }
  co_return co_await enqueue(std::move(request));
}

void Job::refuse_wrong_request(const RunRequest& request) const {
  const bool is_built = request.type == RunType::sync || request.type == RunType::full ||
                        request.type == RunType::sweep || request.type == RunType::replay;
  if (!is_built) {
    throw RefusedError(Refusal::not_built,
                       fmt::format("runs of type {} are not built yet", to_string(request.type)));
  }
  if (!request.from.empty() || !request.to.empty()) {
    throw RefusedError(Refusal::bad_request,
                       fmt::format("a run of type {} has no from and to", to_string(request.type)));
  }
  if (request.type == RunType::sweep && !definition_.settings.incremental) {
    throw RefusedError(Refusal::conflict,
                       fmt::format("job {} has no cursor: each of its runs reads every row, and "
                                   "leaves a sweep nothing to find",
                                   name()));
  }
  if (is_paused_) {
    throw RefusedError(Refusal::conflict, fmt::format("job {} is paused; resume it first", name()));
  }
}

// A run of that type that goes on or waits in this process.
std::optional<RunView> Job::known_run(RunType type) const {
  const std::optional<RunView> live = live_run();
  if (live && live->run.type == type) {
    return live;
  }
  const auto waiting = std::find_if(queue_.begin(), queue_.end(), [type](const LiveRun& waits) {
    return waits.run.type == type;
  });
  return waiting == queue_.end() ? std::nullopt : std::optional(waiting_view(*waiting));
}

Task<RunView> Job::run_elsewhere(RunType type) {
  RunQuery query;
  query.job = name();
  query.state = RunState::running;
  query.limit = 1;
  const std::vector<Run> runs = co_await parts_.store.runs(std::move(query));
  if (runs.empty() || runs.front().type != type || type != RunType::sync) {
    throw RefusedError(Refusal::conflict, fmt::format("another process runs job {}", name()));
  }
  RunView view;
  view.run = runs.front();
  co_return view;
}

// The unfinished run of a manual job goes on, unless a full run makes it pointless.
Task<> Job::wake_interrupted_run(RunType asked) {
  std::optional<LiveRun> interrupted = std::exchange(interrupted_, std::nullopt);
  if (!interrupted) {
    co_return;
  }
  if (asked == RunType::full && interrupted->run.type != RunType::full) {
    co_await runner_.book().end_replaced(interrupted->run, "a full run replaces this one");
  } else {
    queue_.push_front(*std::move(interrupted));
  }
}

Task<RunView> Job::enqueue(RunRequest request) {
  LiveRun live = runner_.book().draft(request.type);
  live.run.from = std::move(request.reason);
  Run started = co_await parts_.store.start_run(live.run);
  live.run = std::move(started);
  const RunView view = waiting_view(live);
  queue_.push_back(std::move(live));
  begin_soon();
  co_return view;
}

void Job::begin_soon() {
  is_failed_ = false;
  runner_.hurry();
  changed_.notify();
}

// The next run to make. Under the lock of the job.
Task<std::optional<LiveRun>> Job::choose(Choice choice) {
  must_look_ = must_look_ || choice.look_again;
  co_await adopt_leftovers();
  if (!choice.only_sync) {
    co_await enqueue_due_sweep();
  }
  while (const LiveRun* waiting = next_in_queue(choice.only_sync)) {
    LiveRun next = *waiting;
    const std::optional<Run> known = co_await parts_.store.run(next.run.id);
    const auto found = std::find_if(queue_.begin(), queue_.end(), [&next](const LiveRun& live) {
      return live.run.id == next.run.id;
    });
    if (found == queue_.end()) {
      continue;
    }
    queue_.erase(found);
    // While the lock was not ours another process may have made it.
    if (known && !is_finished(*known)) {
      co_return next;
    }
  }
  co_return std::nullopt;
}

const LiveRun* Job::next_in_queue(bool only_sync) const {
  const auto next = std::find_if(queue_.begin(), queue_.end(), [only_sync](const LiveRun& live) {
    return !only_sync || live.run.type == RunType::sync;
  });
  return next == queue_.end() ? nullptr : &*next;
}

// What cron asks for stays due until the store knows of it.
Task<> Job::enqueue_due_sweep() {
  if (!sweep_is_due()) {
    co_return;
  }
  if (interrupted_ && interrupted_->run.type == RunType::sweep) {
    queue_.push_front(*std::exchange(interrupted_, std::nullopt));
  }
  if (!known_run(RunType::sweep)) {
    LiveRun live = runner_.book().draft(RunType::sweep);
    Run started = co_await parts_.store.start_run(live.run);
    live.run = std::move(started);
    queue_.push_back(std::move(live));
  }
  sweeps_->plan_next(parts_.runtime.clock);
}

// Takes up what a dead process left: the oldest run of each type, of a manual job the oldest. Under
// the lock of the job, so that nobody makes them.
Task<> Job::adopt_leftovers() {
  if (!std::exchange(must_look_, false)) {
    co_return;
  }
  interrupted_.reset();
  const std::vector<Run> leftovers = co_await find_leftovers();
  for (const Run& run : leftovers) {
    if (known_run(run.type) || interrupted_) {
      co_await runner_.book().end_replaced(run, "an earlier run goes on instead");
      continue;
    }
    LiveRun live;
    live.run = run;
    live.run.counters = runner_.ledgers().run_counters(run.run_seq);
    live.goes_on = true;
    if (!is_manual()) {
      queue_.push_back(std::move(live));
      continue;
    }
    live.run.state = RunState::queued;
    last_run_ = live.run;
    co_await parts_.store.update_run(live.run);
    interrupted_ = std::move(live);
  }
}

// Unfinished runs that are not in the hands of this process, oldest first.
Task<std::vector<Run>> Job::find_leftovers() {
  std::vector<Run> found;
  for (const RunState state : {RunState::running, RunState::queued}) {
    RunQuery query;
    query.job = name();
    query.state = state;
    const std::vector<Run> runs = co_await parts_.store.runs(std::move(query));
    found.insert(found.end(), runs.begin(), runs.end());
  }
  const auto is_ours = [this](const Run& run) { return has_run(run.id); };
  found.erase(std::remove_if(found.begin(), found.end(), is_ours), found.end());
  std::sort(found.begin(), found.end(),
            [](const Run& left, const Run& right) { return left.id < right.id; });
  co_return found;
}

bool Job::has_run(std::int64_t run_id) const {
  const auto is_it = [run_id](const LiveRun& live) { return live.run.id == run_id; };
  return live_run(run_id).has_value() || std::any_of(queue_.begin(), queue_.end(), is_it);
}

Task<bool> Job::cancel(std::int64_t run_id) {
  const AsyncMutex::Lock lock = co_await requests_.lock();
  if (live_run(run_id)) {
    runner_.stop(StopReason::cancel);
    co_return true;
  }
  const auto waiting = std::find_if(queue_.begin(), queue_.end(), [run_id](const LiveRun& live) {
    return live.run.id == run_id;
  });
  if (waiting != queue_.end()) {
    LiveRun live = *waiting;
    queue_.erase(waiting);
    co_await end_waiting(std::move(live));
    co_return true;
  }
  if (interrupted_ && interrupted_->run.id == run_id) {
    LiveRun live = *std::exchange(interrupted_, std::nullopt);
    co_await end_waiting(std::move(live));
    co_return true;
  }
  co_return false;
}

Task<> Job::end_waiting(LiveRun live) {
  co_await runner_.book().end(live, RunState::cancelled, "");
  if (last_run_ && last_run_->id == live.run.id) {
    last_run_ = live.run;
  }
}

Task<> Job::pause() {
  co_await parts_.store.set_paused(name(), true);
  if (!std::exchange(is_paused_, true)) {
    parts_.runtime.log.info("job paused", {{"job", name()}});
  }
  const Clock& clock = parts_.runtime.clock;
  const SteadyTime until = clock.steady_now() + kPauseAnswer;
  if (is_executing_) {
    runner_.stop(StopReason::interrupt);
  }
  changed_.notify();
  while (is_executing_ && clock.steady_now() < until) {
    co_await clock.wait_for(changed_, until - clock.steady_now());
  }
}

Task<> Job::resume() {
  co_await parts_.store.set_paused(name(), false);
  if (std::exchange(is_paused_, false)) {
    parts_.runtime.log.info("job resumed", {{"job", name()}});
  }
  if (interrupted_) {
    queue_.push_front(*std::exchange(interrupted_, std::nullopt));
  }
  timetable_.plan_now(parts_.runtime.clock);
  begin_soon();
}

}  // namespace rowferry
