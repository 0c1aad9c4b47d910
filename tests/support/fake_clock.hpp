#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <list>

#include "base/async.hpp"
#include "base/clock.hpp"

namespace rowferry::test {

/// A clock that stands still until it is moved. Who waits on it wakes when it is moved far enough.
class FakeClock : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override {
    return WallTime(std::chrono::microseconds(wall_.load()));
  }
  [[nodiscard]] SteadyTime steady_now() const override {
    return SteadyTime(std::chrono::microseconds(steady_.load()));
  }
  Task<bool> wait_for(Event& event, std::chrono::steady_clock::duration timeout) const override;

  /// Time goes by, on both clocks. Only while the loop stands, or from a task on it.
  void advance(std::chrono::microseconds duration);

  /// Time goes by until the next of those who wait wakes. False when nobody waits.
  bool advance_to_next();

  /// How many tasks wait for time to go by.
  [[nodiscard]] std::size_t waits() const { return waits_.size(); }

  /// Somebody sets the wall clock; durations do not notice.
  void set_wall(WallTime time) { wall_ = time.time_since_epoch().count(); }

 private:
  struct Wait {
    Event* event = nullptr;
    SteadyTime until;
    bool over = false;
  };
  class Registered;

  // 2026-01-01T00:00:00Z
  std::atomic<std::int64_t> wall_ = 1'767'225'600'000'000;
  std::atomic<std::int64_t> steady_ = 1'000'000'000;
  mutable std::list<Wait> waits_;
};

}  // namespace rowferry::test
