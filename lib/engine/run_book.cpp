#include "engine/run_book.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/failpoint.hpp"

namespace rowferry {

RunBook::RunBook(const JobDefinition& job, const Runtime& runtime, StateStore& store,
                 JobMetrics& metrics)
    : job_(job), runtime_(runtime), store_(store), metrics_(metrics) {}

LiveRun RunBook::draft(RunType type) const {
  LiveRun live;
  live.run.job = job_.settings.name;
  live.run.type = type;
  live.run.started_at = runtime_.clock.wall_now();
  return live;
}

Task<> RunBook::begin(LiveRun& live, const Ledger& ledger, SinkIdentity identity) {
  if (was_edited(ledger)) {
    tell_edit_once();
  }
  if (must_copy_again(ledger)) {
    co_await replace_by_full(live, ledger.committed());
  }
  RunPlanInput input;
  input.type = live.run.type;
  input.run_seq = live.run.run_seq;
  input.incremental = job_.settings.incremental;
  input.identity = identity;
  input.committed = ledger.committed();
  std::vector<Run> before;
  if (identity == SinkIdentity::run) {
    before = co_await runs_before(live, input.committed);
  }
  for (const Run& run : before) {
    input.committed_by_full_copy = input.committed_by_full_copy || run.type == RunType::full;
  }
  live.plan = plan_run(input);
  live.run.run_seq = live.plan.run_seq;
  live.counted_before = {};
  if (live.run.run_seq == input.committed.run_seq) {
    for (const Run& run : before) {
      live.counted_before += run.counters;
    }
  }
  const bool is_next = !live.goes_on && live.run.run_seq != input.committed.run_seq;
  if (is_next && live.run.id != 0) {
    co_await stay_in_order(live);
  }
  co_await record_begin(live);
  if (live.run.type == RunType::full) {
    full_copy_is_demanded_ = false;
  }
}

// A poll that found rows may have become a run while this one was being queued.
Task<> RunBook::stay_in_order(LiveRun& live) {
  RunQuery query;
  query.job = live.run.job;
  const std::vector<Run> known = co_await store_.runs(std::move(query));
  std::int64_t last = live.run.run_seq;
  bool is_overtaken = false;
  for (const Run& other : known) {
    last = std::max(last, other.run_seq);
    is_overtaken =
        is_overtaken || (other.state != RunState::queued && other.run_seq > live.run.run_seq);
  }
  if (is_overtaken) {
    live.run.run_seq = last + 1;
    co_await store_.raise_run_seq(live.run.job, live.run.run_seq);
  }
}

Task<> RunBook::record_begin(LiveRun& live) {
  Run run = live.run;
  run.state = RunState::running;
  if (run.id == 0) {
    run = co_await store_.start_run(run);
  } else {
    co_await store_.update_run(run);
  }
  live.run = std::move(run);
  live.begun = true;
  live.rate.start(runtime_.clock.steady_now());
  failpoint("run.opened");
  runtime_.log.info(live.goes_on ? "run goes on" : "run started",
                    {{"job", live.run.job},
                     {"run", live.run.id},
                     {"run_seq", live.run.run_seq},
                     {"type", to_string(live.run.type)}});
}

bool RunBook::was_edited(const Ledger& ledger) const {
  const std::string& before = ledger.committed().definition;
  return !before.empty() && before != job_.definition;
}

void RunBook::demand_full_copy(const std::string& why) {
  if (!full_copy_is_demanded_) {
    runtime_.log.warn(
        "all rows are copied again, at once; until that has ended the guarantee is unverified",
        {{"job", job_.settings.name}, {"why", why}});
  }
  full_copy_is_demanded_ = true;
}

bool RunBook::must_copy_again(const Ledger& ledger) const {
  if (full_copy_is_demanded_) {
    return true;
  }
  return was_edited(ledger) && job_.settings.on_definition_change == OnDefinitionChange::full;
}

void RunBook::tell_edit_once() {
  if (!std::exchange(edit_was_told_, true)) {
    runtime_.log.warn(
        "columns, where or transforms were edited: rows that were sent before stay as they are "
        "until they change or a full run (rowferry run --full) sends all of them again",
        {{"job", job_.settings.name}});
  }
}

// A run that sent rows as they were before cannot go on; any other becomes a full run.
Task<> RunBook::replace_by_full(LiveRun& live, const Checkpoint& committed) {
  if (live.goes_on && live.run.run_seq == committed.run_seq) {
    std::string why = full_copy_is_demanded_ ? "the server went another way" : "the job was edited";
    why += "; a full run replaces this one";
    co_await end_replaced(live.run, std::move(why));
    live = draft(RunType::full);
  }
  live.run.type = RunType::full;
}

Task<bool> RunBook::check_number(LiveRun& live, Sink& sink, std::string table) {
  if (number_was_checked_) {
    co_return false;
  }
  RunQuery query;
  query.job = job_.settings.name;
  query.limit = 2;
  const std::vector<Run> known = co_await store_.runs(std::move(query));
  const bool is_first = std::all_of(known.begin(), known.end(),
                                    [&live](const Run& run) { return run.id == live.run.id; });
  std::int64_t last = 0;
  if (is_first) {
    last = co_await sink.last_run_seq(job_.settings.name, std::move(table));
  }
  number_was_checked_ = true;
  if (last < live.run.run_seq || live.goes_on) {
    co_return false;
  }
  live.run.run_seq = last + 1;
  co_await store_.raise_run_seq(job_.settings.name, live.run.run_seq);
  co_await store_.update_run(live.run);
  runtime_.log.warn("the state knew no run of this job, the sink does: numbers go on above them",
                    {{"job", live.run.job}, {"run_seq", live.run.run_seq}});
  co_return true;
}

Task<> RunBook::end(LiveRun& live, RunState state, std::string error) {
  const WallTime now = runtime_.clock.wall_now();
  Run run = live.run;
  run.state = state;
  run.finished_at = now;
  run.error = std::move(error);
  co_await store_.update_run(run);
  live.run = std::move(run);
  const auto duration = std::max(now - live.run.started_at, std::chrono::microseconds(0));
  metrics_.count_run(live.run.type, state, duration);
  runtime_.log.info("run finished", {{"job", live.run.job},
                                     {"run", live.run.id},
                                     {"state", to_string(state)},
                                     {"rows_read", live.run.counters.rows_read},
                                     {"rows_written", live.run.counters.rows_written},
                                     {"rows_deleted", live.run.counters.rows_deleted},
                                     {"rows_rejected", live.run.counters.rows_rejected},
                                     {"retries", live.run.retries},
                                     {"seconds", std::chrono::duration<double>(duration).count()}});
}

Task<> RunBook::ensure_known(LiveRun& live) {
  if (live.run.id == 0) {
    Run known = co_await store_.start_run(live.run);
    live.run = std::move(known);
  }
}

Task<> RunBook::save(const LiveRun& live) { co_await store_.update_run(live.run); }

Task<> RunBook::end_replaced(Run run, std::string why) {
  run.state = RunState::cancelled;
  run.finished_at = runtime_.clock.wall_now();
  run.error = std::move(why);
  metrics_.count_run(run.type, run.state, *run.finished_at - run.started_at);
  co_await store_.update_run(std::move(run));
}

Task<std::vector<Run>> RunBook::runs_before(const LiveRun& live, const Checkpoint& committed) {
  RunQuery query;
  query.job = job_.settings.name;
  std::vector<Run> runs = co_await store_.runs(std::move(query));
  const auto is_other = [&](const Run& run) {
    return run.run_seq != committed.run_seq || run.id == live.run.id;
  };
  runs.erase(std::remove_if(runs.begin(), runs.end(), is_other), runs.end());
  co_return runs;
}

}  // namespace rowferry
