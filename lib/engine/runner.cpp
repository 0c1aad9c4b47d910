#include "engine/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/failpoint.hpp"

namespace rowferry {
namespace {

// Among so many runs that succeeded one is sought that says how far the sink is.
constexpr std::size_t kRunsLookedAt = 20;

}  // namespace

Runner::Runner(const JobDefinition& job, JobParts parts)
    : job_(job),
      parts_(std::move(parts)),
      changed_(parts_.runtime.executor),
      book_(job, parts_.runtime, parts_.store, parts_.metrics),
      ledgers_(parts_.runtime, parts_.store, job.settings.name, parts_.on_save),
      dead_letters_(job.settings, parts_.runtime, parts_.store, parts_.redactor),
      patience_(job.settings.retry),
      context_{.job = job.settings.name,
               .unit = {},
               .window = {},
               .limits = job.settings.batch,
               .stop = StopToken(parts_.runtime.executor),
               .save_receipt = {}},
      locking_(parts_.runtime.executor) {}

Task<> Runner::load() {
  try {
    co_await ledgers_.load_all();
  } catch (const Error& error) {
    if (error.reason() != "corrupt") {
      throw;
    }
    health_.last_error = parts_.redactor.redact(error.what());
  }
  co_await dead_letters_.load();
  parts_.metrics.publish_totals(ledgers_.totals());
  RunQuery query;
  query.job = job_.settings.name;
  query.state = RunState::succeeded;
  query.limit = kRunsLookedAt;
  const std::vector<Run> runs = co_await parts_.store.runs(std::move(query));
  if (!runs.empty()) {
    health_.last_success = runs.front().finished_at;
  }
  const auto synced = std::ranges::find_if(runs, reads_all_changes, &Run::type);
  if (synced != runs.end()) {
    health_.synced_at = synced->started_at;
  }
}

Task<bool> Runner::take_lock() {
  const AsyncMutex::Lock lock = co_await locking_.lock();
  const std::string& name = job_.settings.name;
  if (!is_locked_) {
    is_locked_ = co_await parts_.store.try_lock_job(name);
    must_read_ = true;
  }
  if (is_locked_ && must_read_) {
    co_await read_state();
    must_read_ = false;
  }
  co_return is_locked_;
}

// While another process may have had the job, nothing that was known of it is true.
Task<> Runner::read_state() {
  StateStore& store = parts_.store;
  const std::string name = job_.settings.name;
  const std::int64_t mark = co_await store.sequence_mark(name);
  const auto save_mark = [&store, name](std::int64_t raised) {
    return store.save_sequence_mark(name, raised);
  };
  sequence_ = std::make_unique<SequenceAllotter>(parts_.runtime.executor, parts_.runtime.clock,
                                                 mark, save_mark);
  context_.sequence = sequence_.get();
  ledgers_.forget();
  co_await dead_letters_.load();
}

Task<> Runner::release_lock() {
  const AsyncMutex::Lock lock = co_await locking_.lock();
  if (std::exchange(is_locked_, false)) {
    co_await parts_.store.unlock_job(job_.settings.name);
  }
}

Task<Outcome> Runner::execute(Wish wish) {
  wish_ = std::move(wish);
  live_.reset();
  ended_.reset();
  context_.stop = StopToken(parts_.runtime.executor);
  stop_reason_.reset();
  is_hurried_ = false;
  std::optional<Outcome> outcome;
  while (!outcome) {
    step();
    Attempt made = co_await attempt();
    if (made.error) {
      outcome = co_await after_failure(*std::move(made.error));
    } else if (made.end == PassEnd::stopped) {
      outcome = co_await stopped();
    } else {
      succeed();
      outcome = made.end == PassEnd::idle ? Outcome::idle : Outcome::succeeded;
    }
  }
  health_.last_step.reset();
  co_return *outcome;
}

void Runner::stop(StopReason reason) {
  if (stop_reason_ != StopReason::cancel) {
    stop_reason_ = reason;
  }
  context_.stop.request_stop();
  if (connectors_ != nullptr) {
    source().interrupt();
  }
  changed_.notify();
}

void Runner::hurry() {
  is_hurried_ = true;
  changed_.notify();
}

std::optional<LiveRun> Runner::take_live() { return std::exchange(live_, std::nullopt); }

Task<Runner::Attempt> Runner::attempt() {
  Attempt made;
  try {
    made.end = co_await try_once();
  } catch (const Error& error) {
    made.error = error;
  } catch (const std::exception& error) {
    made.error = Error(Failure::internal, error.what());
  }
  co_return made;
}

Task<PassEnd> Runner::try_once() {
  pass_began_ = parts_.runtime.clock.wall_now();
  co_await prepare();
  if (wish_.kind == Wish::Kind::chosen && !live_) {
    co_return PassEnd::idle;
  }
  const PassEnd end = co_await run_units();
  if (end == PassEnd::complete) {
    co_await finish();
  }
  co_return end;
}

// Everything that an attempt needs before it asks a server. Each awaited value has a name of its
// own, and what throws is elsewhere: g++ 12 miscompiles temporaries in such a coroutine.
Task<> Runner::prepare() {
  side_ = Side::state;
  const bool is_ours = co_await take_lock();
  if (!is_ours) {
    refuse_locked();
  }
  co_await choose_run(false);
  if (connectors_ == nullptr) {
    make_connectors();
  }
}

Task<> Runner::choose_run(bool only_sync) {
  if (live_) {
    co_return;
  }
  Choice choice;
  choice.look_again = patience_.is_failing();
  choice.only_sync = only_sync;
  std::optional<LiveRun> chosen = co_await wish_.choose(choice);
  live_ = std::move(chosen);
}

void Runner::refuse_locked() const {
  throw Error(Failure::transient, fmt::format("another process runs job {}", job_.settings.name))
      .with_reason("locked");
}

void Runner::make_connectors() {
  side_ = Side::source;
  connectors_ = std::make_unique<Connectors>(job_, parts_.runtime, parts_.source_connection,
                                             parts_.sink_connection);
}

Task<PassEnd> Runner::run_units() {
  side_ = Side::source;
  const std::vector<std::string> units = co_await connectors_->source().units();
  bool is_idle = true;
  for (const std::string& unit : units) {
    const bool asked_for =
        wish_.kind == Wish::Kind::run || live_.has_value() || !job_.settings.incremental;
    const PassEnd end = co_await run_unit(unit, asked_for);
    if (end == PassEnd::stopped) {
      co_return end;
    }
    is_idle = is_idle && end == PassEnd::idle;
  }
  co_return is_idle ? PassEnd::idle : PassEnd::complete;
}

Task<PassEnd> Runner::run_unit(std::string unit, bool asked_for) {
  side_ = Side::sink;
  const bool is_full = live_ && live_->run.type == RunType::full;
  const auto damage = is_full ? Ledgers::Damage::replaced : Ledgers::Damage::refused;
  Ledger& ledger = *co_await ledgers_.open(unit, connectors_->sink(), damage);
  ledger.leave_run();
  follow_target(ledger);
  context_.unit = unit;
  context_.run_seq = 0;
  context_.type = RunType::sync;
  context_.save_receipt = [&ledger](const Receipt& receipt) {
    return ledger.save_receipt(receipt);
  };
  const SinkIdentity identity = connectors_->sink().traits().identity;
  const bool must_go_on = identity == SinkIdentity::run && is_unfinished(ledger.committed());
  const bool is_run = asked_for || must_go_on || book_.must_copy_again(ledger);
  if (is_run) {
    side_ = Side::state;
    co_await begin_run(ledger);
  }
  if (ledger.is_complete()) {
    pass_began_ = live_->run.started_at;
  }
  co_await take_replay_source(unit);
  PassParts parts{parts_.runtime,
                  job_,
                  source(),
                  connectors_->sink(),
                  connectors_->transforms(),
                  ledger,
                  dead_letters_,
                  parts_.metrics,
                  context_,
                  changed_};
  Pipeline pipeline(parts, hooks(ledger), patience_.is_failing());
  try {
    co_return co_await pipeline.run(is_run);
  } catch (...) {
    side_ = pipeline.side();
    throw;
  }
}

// A job that was given another target begins there with a first copy.
void Runner::follow_target(Ledger& ledger) {
  const std::string before = ledger.committed().target;
  if (before.empty() || before == job_.sink_text) {
    return;
  }
  ledger.forget_target();
  parts_.runtime.log.warn(
      "the job writes to another target than before: it begins there with a "
      "first copy",
      {{"job", job_.settings.name}, {"before", before}, {"now", job_.sink_text}});
}

// The run exists afterwards, with its number, and the context says so.
Task<> Runner::begin_run(Ledger& ledger) {
  co_await choose_run(true);
  if (!live_) {
    live_ = book_.draft(RunType::sync);
  }
  const SinkIdentity identity = connectors_->sink().traits().identity;
  const bool was_edited = book_.was_edited(ledger);
  if (!live_->begun) {
    co_await book_.begin(*live_, ledger, identity);
  }
  tell_context(ledger);
  context_.removes_unselected = context_.full_copy && was_edited && identity == SinkIdentity::row;
}

void Runner::tell_context(Ledger& ledger) {
  const Run& run = live_->run;
  ledger.begin_run(run.run_seq, live_->plan.from_start);
  context_.run_seq = run.run_seq;
  context_.type = run.type;
  context_.started = run.started_at;
  context_.full_copy = live_->plan.full_copy;
  context_.window = {run.from, run.to};
  count_run();
}

Task<> Runner::check_number(Ledger& ledger, const SourceOpened& opened) {
  const SchemaPointer schema = connectors_->transforms().bind(opened.schema);
  if (co_await book_.check_number(*live_, connectors_->sink(), schema->table)) {
    tell_context(ledger);
  }
}

Task<> Runner::finish() {
  side_ = Side::sink;
  failpoint("run.before_finish");
  RunSummary summary;
  summary.counters = ledgers_.run_counters(context_.run_seq);
  const Ledger* last = co_await ledgers_.open(context_.unit, connectors_->sink());
  summary.checkpoint = last->committed();
  co_await connectors_->sink().finish(summary);
  step();
  failpoint("run.finished");
  side_ = Side::state;
  count_run();
  co_await book_.end(*live_, RunState::succeeded, "");
  ended_ = live_->run;
  live_.reset();
}

PassHooks Runner::hooks(Ledger& ledger) {
  PassHooks hooks;
  hooks.opened = [this](const SourceOpened& opened) { note_opened(opened); };
  hooks.begin_run = [this, &ledger]() -> Task<> {
    if (context_.run_seq == 0) {
      co_await begin_run(ledger);
    }
  };
  hooks.check_number = [this, &ledger](const SourceOpened& opened) {
    return check_number(ledger, opened);
  };
  hooks.sink_opened = [this]() {
    health_.backing_off = false;
    step();
  };
  hooks.committed = [this](const Counters& more) { note_commit(more); };
  hooks.retried = [this](const std::string& reason) {
    count_retry(Side::sink, "rows");
    health_.last_error = parts_.redactor.redact(reason);
  };
  hooks.moved = [this]() { step(); };
  hooks.run_id = [this]() { return live_->run.id; };
  return hooks;
}

}  // namespace rowferry
