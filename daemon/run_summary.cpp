#include "daemon/run_summary.hpp"

#include <fmt/format.h>

namespace rowferry {

std::string run_summary(const Run& run, WallTime now) {
  const WallTime end = run.finished_at.value_or(now);
  const double seconds = std::chrono::duration<double>(end - run.started_at).count();
  return fmt::format("{} run {} {}: {} rows read, {} written, {} deleted, {} rejected in {:.1f} s",
                     run.job, run.run_seq, to_string(run.state), run.counters.rows_read,
                     run.counters.rows_written, run.counters.rows_deleted,
                     run.counters.rows_rejected, seconds);
}

ExitStatus status_of_run(const Run& run) {
  if (run.state != RunState::succeeded) {
    return ExitStatus::run_failed;
  }
  return run.counters.rows_rejected > 0 ? ExitStatus::done_with_rejects : ExitStatus::done;
}

}  // namespace rowferry
