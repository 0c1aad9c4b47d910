#include "engine/timetable.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/duration.hpp"

namespace rowferry {

using std::chrono::steady_clock;

Timetable::Timetable(const Schedule& schedule) : schedule_(schedule) {
  if (schedule_.kind == Schedule::Kind::cron) {
    cron_.emplace(schedule_.cron);
    zone_.emplace(schedule_.timezone);
  }
}

void Timetable::begin(const Clock& clock, std::chrono::milliseconds delay) {
  plan_next(clock);
  due_ = clock.steady_now() + delay;
}

void Timetable::plan_next(const Clock& clock) {
  due_ = clock.steady_now() + schedule_.fetch_delay;
  if (cron_) {
    due_by_cron_ = cron_->next_after(clock.wall_now(), *zone_);
  }
}

void Timetable::plan_now(const Clock& clock) { due_ = clock.steady_now(); }

bool Timetable::is_due(const Clock& clock) const {
  switch (schedule_.kind) {
    case Schedule::Kind::fetch_delay:
      return clock.steady_now() >= due_;
    case Schedule::Kind::cron:
      return clock.wall_now() >= due_by_cron_;
    case Schedule::Kind::manual:
      return false;
  }
  return false;
}

steady_clock::duration Timetable::wait(const Clock& clock) const {
  const steady_clock::duration left = schedule_.kind == Schedule::Kind::cron
                                          ? due_by_cron_ - clock.wall_now()
                                          : due_ - clock.steady_now();
  return std::clamp<steady_clock::duration>(left, steady_clock::duration::zero(),
                                            std::chrono::minutes(1));
}

std::optional<WallTime> Timetable::next_run_at(const Clock& clock) const {
  switch (schedule_.kind) {
    case Schedule::Kind::fetch_delay:
      return clock.wall_now() + std::chrono::duration_cast<std::chrono::microseconds>(std::max(
                                    due_ - clock.steady_now(), steady_clock::duration::zero()));
    case Schedule::Kind::cron:
      return due_by_cron_;
    case Schedule::Kind::manual:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string Timetable::text() const {
  switch (schedule_.kind) {
    case Schedule::Kind::fetch_delay:
      return fmt::format("every {}", format_duration(schedule_.fetch_delay));
    case Schedule::Kind::cron:
      return fmt::format("cron {} {}", schedule_.cron, schedule_.timezone);
    case Schedule::Kind::manual:
      return "manual";
  }
  return "manual";
}

}  // namespace rowferry
