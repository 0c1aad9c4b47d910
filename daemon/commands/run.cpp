#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/plain_json.hpp"
#include "api/views.hpp"
#include "base/error.hpp"
#include "components.hpp"
#include "daemon/app.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/progress_line.hpp"
#include "daemon/run_summary.hpp"
#include "daemon/signals.hpp"
#include "daemon/startup.hpp"

namespace rowferry {
namespace {

// What came of the run: the run itself, or why there was none.
struct Outcome {
  std::optional<FinishedRun> finished;
  std::optional<RefusedError> refused;
};

Task<> run_job(JobBoard& board, const Options& options, ProgressLine& line, Outcome& outcome) {
  RunRequest request;
  request.type = options.full ? RunType::full : RunType::sync;
  const std::function<void(const RunView&)> show = [&line](const RunView& view) {
    line.show(view);
  };
  try {
    FinishedRun finished = co_await board.run_once(options.job, request, show);
    outcome.finished = std::move(finished);
  } catch (const RefusedError& refused) {
    outcome.refused = refused;
  }
}

Task<> run_in_store(StateStore& store, JobBoard& board, const Options& options, Outcome& outcome) {
  co_await store.open(StoreAccess::shared);
  {
    const auto executor = co_await boost::asio::this_coro::executor;
    Signals signals(
        executor, [&board] { board.interrupt(); }, [] {});
    ProgressLine line;
    co_await run_job(board, options, line, outcome);
    signals.close();
  }
  co_await board.stop(std::chrono::seconds(5));
  co_await store.close();
}

void print_summary(const Run& run, const Redactor& redactor) {
  const auto now = std::chrono::floor<WallTime::duration>(std::chrono::system_clock::now());
  fmt::print(stderr, "{}\n", run_summary(run, now));
  if (run.state == RunState::running) {
    fmt::print(stderr, "interrupted: what was written is saved, the same command goes on\n");
  }
  if (!run.error.empty()) {
    fmt::print(stderr, "{}\n", redactor.redact(run.error));
  }
}

ExitStatus status_of(const FinishedRun& finished) {
  const bool is_refused = finished.run.state == RunState::failed && finished.is_refused;
  if (is_refused) {
    return ExitStatus::unreachable;
  }
  const ExitStatus status = status_of_run(finished.run);
  const auto has_rejects = [](const Run& made) { return made.counters.rows_rejected > 0; };
  const bool any = status == ExitStatus::done && std::ranges::any_of(finished.before, has_rejects);
  return any ? ExitStatus::done_with_rejects : status;
}

ExitStatus explain_refusal(const RefusedError& refused) {
  fmt::print(stderr, "rowferry: {}\n", refused.what());
  return refused.refusal() == Refusal::conflict ? ExitStatus::unreachable : ExitStatus::wrong_usage;
}

}  // namespace

ExitStatus run(const Options& options, const config::Components& components) {
  if (!options.from.empty() || !options.to.empty()) {
    fmt::print(stderr, "rowferry: --from and --to: not built yet\n");
    return ExitStatus::wrong_usage;
  }
  Redactor redactor;
  const auto settings = load_or_explain(options.config, components, redactor);
  if (!settings || !has_job_or_explain(*settings, options)) {
    return ExitStatus::wrong_usage;
  }
  Log log(settings->daemon.log, redactor);
  EventLoop loop(log);
  const auto store = make_state_store(settings->daemon, loop.runtime());
  JobBoard board(loop.runtime(), *store, redactor, board_definition(*settings));
  Outcome outcome;
  loop.run(run_in_store(*store, board, options, outcome));
  if (outcome.refused) {
    return explain_refusal(*outcome.refused);
  }
  for (const Run& before : outcome.finished->before) {
    print_summary(before, redactor);
  }
  RunView view;
  view.run = outcome.finished->run;
  print_summary(view.run, redactor);
  if (options.json) {
    fmt::print("{}\n", api::plain_json(api::run_json(view)));
  }
  return status_of(*outcome.finished);
}

}  // namespace rowferry
