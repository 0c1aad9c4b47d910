#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/cron.hpp"
#include "core/job_definition.hpp"

namespace rowferry {

/// When a job is due by itself. A fetch delay is measured by the monotonic clock, cron by the wall
/// clock in its zone.
class Timetable {
 public:
  /// Throws Error{config} for a cron expression or zone that cannot be.
  explicit Timetable(const Schedule& schedule);

  /// A job that polls is due for the first time after `delay`.
  void begin(const Clock& clock, std::chrono::milliseconds delay);
  /// An execution ended: the next one is due a fetch delay later, or when cron says so.
  void plan_next(const Clock& clock);
  /// A job that polls is due now.
  void plan_now(const Clock& clock);

  [[nodiscard]] bool is_due(const Clock& clock) const;
  /// How long to wait before asking again; at most a minute, because the wall clock may jump.
  [[nodiscard]] std::chrono::steady_clock::duration wait(const Clock& clock) const;
  /// When the job is due next; nothing when it is only run by hand.
  [[nodiscard]] std::optional<WallTime> next_run_at(const Clock& clock) const;

  /// What people read: `every 5s`, `cron 0 3 * * * Europe/Berlin`, `manual`.
  [[nodiscard]] std::string text() const;

 private:
  Schedule schedule_;
  std::optional<Cron> cron_;
  std::optional<TimeZone> zone_;
  SteadyTime due_{};
  WallTime due_by_cron_{};
};

}  // namespace rowferry
