// What a runner notes of its attempts, and what a failed one leads to.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/runner.hpp"

namespace rowferry {

using std::chrono::milliseconds;

void Runner::note_opened(const SourceOpened& opened) {
  if (!opened.guarantee.empty()) {
    health_.guarantee = opened.guarantee;
  }
  parts_.metrics.set_look_back(opened.look_back_seconds);
  if (live_) {
    count_run();
    live_->rows_expected.reset();
    if (opened.rows_expected) {
      live_->rows_expected = live_->run.counters.rows_read + *opened.rows_expected;
    }
  }
}

void Runner::note_commit(const Counters& more) {
  count_run();
  live_->rate.add(parts_.runtime.clock.steady_now(), more.rows_read);
  parts_.metrics.publish_totals(ledgers_.totals());
  patience_.succeeded();
  health_.last_error.clear();
}

void Runner::count_run() {
  live_->run.counters = ledgers_.run_counters(live_->run.run_seq) - live_->counted_before;
}

void Runner::count_retry(Side side, std::string_view reason) {
  parts_.metrics.count_retry(side, reason);
  if (live_) {
    ++live_->run.retries;
  }
}

void Runner::step() { health_.last_step = parts_.runtime.clock.steady_now(); }

void Runner::succeed() {
  patience_.succeeded();
  health_.backing_off = false;
  health_.last_error.clear();
  if (!ended_ || reads_all_changes(ended_->type)) {
    health_.synced_at = pass_began_;
  }
  health_.last_success = parts_.runtime.clock.wall_now();
}

// Nothing: another attempt shall be made now.
Task<std::optional<Outcome>> Runner::after_failure(Error error) {
  co_await close_connectors();
  ledgers_.forget();
  if (live_ && live_->run.id == 0) {
    // Its start failed, or only the reply was lost: the store knows.
    live_.reset();
  }
  if (stop_reason_) {
    co_return co_await stopped();
  }
  if (error.reason() == kTargetLost) {
    ledgers_.lose(context_.unit);
  }
  health_.last_error = parts_.redactor.redact(error.what());
  health_.last_failure = error.failure();
  const std::string reason =
      error.reason().empty() ? std::string(to_string(error.failure())) : error.reason();
  const std::optional<milliseconds> wait =
      patience_.after(error, parts_.runtime.clock.steady_now());
  if (error.failure() == Failure::config) {
    co_return co_await fail(health_.last_error);
  }
  if (!wait) {
    std::string text = fmt::format("gave up: {}", health_.last_error);
    co_return co_await fail(std::move(text));
  }
  count_retry(side_, reason);
  co_await save_failure();
  parts_.runtime.log.warn("attempt failed", {{"job", job_.settings.name},
                                             {"side", to_string(side_)},
                                             {"reason", reason},
                                             {"error", health_.last_error},
                                             {"next_in_ms", wait->count()}});
  if (side_ != Side::state) {
    parts_.on_trouble(side_ == Side::source ? job_.source_connection : job_.sink_connection);
  }
  co_await wait_before_retry(*wait);
  if (stop_reason_) {
    co_return co_await stopped();
  }
  co_return std::nullopt;
}

// The history shows what is wrong while it is wrong; where the store fails too, it stays behind.
Task<> Runner::save_failure() {
  if (!live_ || !live_->begun) {
    co_return;
  }
  live_->run.error = health_.last_error;
  try {
    co_await book_.save(*live_);
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot note a failed attempt",
                            {{"job", job_.settings.name}, {"error", error.what()}});
  }
}

Task<> Runner::wait_before_retry(milliseconds wait) {
  const Clock& clock = parts_.runtime.clock;
  const SteadyTime until = clock.steady_now() + wait;
  health_.backing_off = true;
  health_.next_attempt_at = clock.wall_now() + wait;
  health_.last_step.reset();
  while (!stop_reason_ && !is_hurried_ && clock.steady_now() < until) {
    co_await clock.wait_for(changed_, until - clock.steady_now());
  }
  is_hurried_ = false;
  health_.next_attempt_at.reset();
  step();
}

// What was under way is committed, or will be read again.
Task<Outcome> Runner::stopped() {
  health_.backing_off = false;
  if (stop_reason_ == StopReason::cancel) {
    co_await end_run(RunState::cancelled, "");
    co_return Outcome::cancelled;
  }
  if (live_) {
    live_->goes_on = live_->goes_on || live_->begun;
    live_->begun = false;
  }
  co_return Outcome::interrupted;
}

Task<Outcome> Runner::fail(std::string text) {
  health_.last_error = text;
  health_.backing_off = false;
  patience_.succeeded();
  parts_.runtime.log.error(
      "job failed and waits for a person: mend the cause, then start a run or resume the job",
      {{"job", job_.settings.name}, {"error", text}});
  co_await end_run(RunState::failed, std::move(text));
  co_return Outcome::failed;
}

// Where the store fails too, the run goes on after a restart. A job that gave up before there was
// anything to run for leaves a failed run, too: the history shows it.
Task<> Runner::end_run(RunState state, std::string error) {
  if (!live_ && state == RunState::failed) {
    live_ = book_.draft(RunType::sync);
  }
  if (live_) {
    try {
      co_await book_.ensure_known(*live_);
      co_await book_.end(*live_, state, std::move(error));
      ended_ = live_->run;
    } catch (const Error& failure) {
      parts_.runtime.log.error("cannot note the end of a run",
                               {{"job", job_.settings.name}, {"error", failure.what()}});
    }
  }
  live_.reset();
}

Task<> Runner::close_connectors() {
  if (connectors_ == nullptr) {
    co_return;
  }
  try {
    co_await close_replay_source();
    co_await connectors_->close();
  } catch (const std::exception& error) {
    parts_.runtime.log.error("a connector must not fail to close",
                             {{"job", job_.settings.name}, {"error", error.what()}});
  }
}

Task<> Runner::close() {
  co_await close_connectors();
  try {
    co_await release_lock();
  } catch (const Error& error) {
    parts_.runtime.log.warn("cannot give the lock of a job back",
                            {{"job", job_.settings.name}, {"error", error.what()}});
  }
}

}  // namespace rowferry
