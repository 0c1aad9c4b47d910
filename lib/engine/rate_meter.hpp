#pragma once

#include <cstdint>
#include <deque>

#include "base/clock.hpp"

namespace rowferry {

/// Rows a second over the last ten seconds.
class RateMeter {
 public:
  /// Counting starts here.
  void start(SteadyTime now);

  /// That many rows became durable.
  void add(SteadyTime now, std::int64_t rows);

  /// 0 while nothing was measured.
  [[nodiscard]] std::int64_t per_second(SteadyTime now) const;

 private:
  struct Slice {
    SteadyTime begin;
    std::int64_t rows = 0;
  };
  SteadyTime started_{};
  std::deque<Slice> slices_;
};

}  // namespace rowferry
