#include "engine/job.hpp"

#include <algorithm>
#include <utility>

namespace rowferry {
namespace {

// A job that polls more often than this keeps its lock between polls: taking it costs four requests
// to the store. `rowferry run` finds such a job running.
constexpr std::chrono::seconds kLockGivenBackFrom{5};

}  // namespace

Job::Job(JobDefinition definition, JobParts parts)
    : definition_(std::move(definition)),
      parts_(std::move(parts)),
      runner_(definition_, parts_),
      timetable_(definition_.settings.schedule),
      changed_(parts_.runtime.executor),
      requests_(parts_.runtime.executor) {
  if (definition_.settings.sweep) {
    sweeps_.emplace(*definition_.settings.sweep);
  }
}

Task<> Job::load() {
  is_paused_ = co_await parts_.store.paused(name());
  co_await runner_.load();
  RunQuery query;
  query.job = name();
  query.limit = 1;
  const std::vector<Run> runs = co_await parts_.store.runs(std::move(query));
  last_run_ = runs.empty() ? std::nullopt : std::optional(runs.front());
}

Task<> Job::serve(std::chrono::milliseconds first_delay) {
  timetable_.begin(parts_.runtime.clock, first_delay);
  if (sweeps_) {
    sweeps_->plan_next(parts_.runtime.clock);
  }
  co_await look_for_leftovers();
  while (!is_stopping_) {
    if (!is_due()) {
      co_await wait_until_due();
      continue;
    }
    co_await execute(next_wish());
  }
  co_await runner_.close();
}

Wish::Kind Job::next_wish() const {
  if (!queue_.empty() || sweep_is_due()) {
    return Wish::Kind::chosen;
  }
  const bool by_cron = definition_.settings.schedule.kind == Schedule::Kind::cron;
  return by_cron ? Wish::Kind::run : Wish::Kind::poll;
}

// A run that a dead process left goes on at once, but of a manual job when it is asked for again.
Task<> Job::look_for_leftovers() {
  try {
    if (co_await runner_.take_lock()) {
      co_await adopt_leftovers();
    }
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot look for runs that were left unfinished",
                            {{"job", name()}, {"error", error.what()}});
  }
}

void Job::ask_stop() {
  is_stopping_ = true;
  runner_.stop(StopReason::interrupt);
  changed_.notify();
}

Task<std::vector<Run>> Job::run_asked() {
  std::vector<Run> made;
  while (!queue_.empty() && !is_stopping_ && !is_failed_) {
    co_await execute(Wish::Kind::chosen);
    made.push_back(last_run_.value_or(Run{}));
  }
  co_await runner_.close();
  co_return made;
}

bool Job::is_refused() const { return runner_.health().last_failure == Failure::transient; }

bool Job::is_manual() const { return definition_.settings.schedule.kind == Schedule::Kind::manual; }

bool Job::keeps_lock() const {
  const Schedule& schedule = definition_.settings.schedule;
  return schedule.kind == Schedule::Kind::fetch_delay &&
         schedule.fetch_delay < kLockGivenBackFrom && !is_paused_ && !is_failed_;
}

bool Job::is_due() const {
  return !is_paused_ && !is_failed_ &&
         (!queue_.empty() || timetable_.is_due(parts_.runtime.clock) || sweep_is_due());
}

bool Job::sweep_is_due() const { return sweeps_ && sweeps_->is_due(parts_.runtime.clock); }

Task<> Job::wait_until_due() {
  if (!keeps_lock() && runner_.is_locked()) {
    co_await give_lock_back();
    co_return;
  }
  if (is_paused_ || is_failed_ || (is_manual() && !sweeps_)) {
    co_await changed_.wait();
    co_return;
  }
  const Clock& clock = parts_.runtime.clock;
  SteadyTime::duration wait = is_manual() ? SteadyTime::duration::max() : timetable_.wait(clock);
  if (sweeps_) {
    wait = std::min(wait, sweeps_->wait(clock));
  }
  co_await clock.wait_for(changed_, wait);
}

Task<> Job::give_lock_back() {
  must_look_ = true;
  try {
    co_await runner_.release_lock();
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot give the lock of a job back",
                            {{"job", name()}, {"error", error.what()}});
  }
}

Task<> Job::execute(Wish::Kind kind) {
  is_executing_ = true;
  while (is_refreshing_) {
    co_await changed_.wait();
  }
  if (is_paused_ || is_stopping_) {
    // Told so while we waited.
    is_executing_ = false;
    changed_.notify();
    co_return;
  }
  Wish wish;
  wish.kind = kind;
  wish.choose = [this](Choice choice) { return choose(choice); };
  const Outcome outcome = co_await runner_.execute(std::move(wish));
  is_failed_ = outcome == Outcome::failed;
  if (runner_.ended()) {
    last_run_ = runner_.ended();
  }
  if (outcome == Outcome::interrupted) {
    co_await put_back_interrupted_run();
  }
  is_executing_ = false;
  // A poll that became due during a replay or a sweep is still due.
  if (!runner_.ended() || reads_all_changes(runner_.ended()->type)) {
    timetable_.plan_next(parts_.runtime.clock);
  }
  changed_.notify();
}

// Across a restart it stays `running`; a paused job shows it as queued.
Task<> Job::put_back_interrupted_run() {
  std::optional<LiveRun> live = runner_.take_live();
  if (!live || live->run.id == 0) {
    co_return;
  }
  last_run_ = live->run;
  queue_.push_front(*live);
  if (is_stopping_) {
    co_return;
  }
  last_run_->state = RunState::queued;
  queue_.front().run.state = RunState::queued;
  try {
    co_await parts_.store.update_run(*last_run_);
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot note that a run was interrupted",
                            {{"job", name()}, {"error", error.what()}});
  }
}

// Another process may have run the job while its lock was not ours.
Task<> Job::refresh() {
  if (is_executing_ || is_refreshing_ || runner_.is_locked()) {
    co_return;
  }
  is_refreshing_ = true;
  try {
    co_await load();
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot read what the store knows of a job",
                            {{"job", name()}, {"error", error.what()}});
  }
  is_refreshing_ = false;
  changed_.notify();
}

JobState Job::state() const {
  const JobHealth& health = runner_.health();
  if (is_executing_ && health.backing_off) {
    return JobState::backing_off;
  }
  const auto& live = runner_.live();
  if (is_executing_ && live && live->begun) {
    return JobState::running;
  }
  if (is_paused_) {
    return JobState::paused;
  }
  return is_failed_ ? JobState::failed : JobState::waiting;
}

Task<JobView> Job::view() {
  co_await refresh();
  const Clock& clock = parts_.runtime.clock;
  const JobHealth& health = runner_.health();
  JobView view;
  view.name = name();
  view.state = state();
  view.source = definition_.source_text;
  view.sink = definition_.sink_text;
  view.schedule = timetable_.text();
  if (health.next_attempt_at) {
    view.next_run_at = health.next_attempt_at;
  } else if (view.state == JobState::waiting) {
    view.next_run_at = timetable_.next_run_at(clock);
  }
  if (health.synced_at) {
    view.lag_seconds = std::chrono::duration<double>(clock.wall_now() - *health.synced_at).count();
  }
  view.checkpoint_json = runner_.ledgers().to_json();
  const std::optional<RunView> live = live_run();
  view.last_run = live ? std::optional(live->run) : last_run_;
  view.totals = runner_.ledgers().totals();
  view.guarantee = health.guarantee;
  view.last_error = health.last_error;
  co_return view;
}

std::optional<RunView> Job::live_run() const {
  const auto& live = runner_.live();
  if (!is_executing_ || !live || live->run.id == 0) {
    return std::nullopt;
  }
  return live->view(parts_.runtime.clock.steady_now());
}

std::optional<RunView> Job::live_run(std::int64_t id) const {
  std::optional<RunView> live = live_run();
  return live && live->run.id == id ? live : std::nullopt;
}

std::optional<SteadyTime> Job::last_step() const {
  return is_executing_ ? runner_.health().last_step : std::nullopt;
}

void Job::refresh_metrics() {
  const JobHealth& health = runner_.health();
  JobMetrics& metrics = parts_.metrics;
  metrics.set_state(state());
  metrics.set_dead_letters(runner_.dead_letters());
  if (health.synced_at) {
    const auto lag = parts_.runtime.clock.wall_now() - *health.synced_at;
    metrics.set_lag(std::chrono::duration<double>(lag).count());
  }
  if (health.last_success) {
    metrics.set_last_success(*health.last_success);
  }
}

}  // namespace rowferry
