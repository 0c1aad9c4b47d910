#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.hpp"

namespace rowferry::test {

/// A clock that stands still until it is moved.
class FakeClock : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime(std::chrono::microseconds(wall_.load()));
  }
  [[nodiscard]] SteadyTime steady_now() const override {
    return SteadyTime(std::chrono::microseconds(steady_.load()));
  }

  /// Time goes by, on both clocks.
  void advance(std::chrono::microseconds duration) {
    wall_ += duration.count();
    steady_ += duration.count();
  }

  /// Somebody sets the wall clock; durations do not notice.
  void set_wall(WallTime time) { wall_ = time.time_since_epoch().count(); }

 private:
  // 2026-01-01T00:00:00Z
  std::atomic<std::int64_t> wall_ = 1'767'225'600'000'000;
  std::atomic<std::int64_t> steady_ = 1'000'000'000;
};

}  // namespace rowferry::test
