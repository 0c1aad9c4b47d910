#pragma once

#include <chrono>
#include <cstdint>

#include "base/task.hpp"

namespace rowferry {

class Event;

/// A moment of the wall clock, in microseconds, UTC.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where the engine asks what time it is, so that tests can say it.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The wall clock. It may jump; never measure durations with it.
  [[nodiscard]] virtual WallTime wall_now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
  }

  /// The monotonic clock, for durations and deadlines.
  [[nodiscard]] virtual SteadyTime steady_now() const { return std::chrono::steady_clock::now(); }

  /// Waits for the event's next `notify`, at most for `timeout` of this clock. True when notified.
  virtual Task<bool> wait_for(Event& event, std::chrono::steady_clock::duration timeout) const;
};

}  // namespace rowferry
