#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace date {
class time_zone;
}

namespace rowferry {

/// A moment as a clock on the wall of some zone shows it.
using LocalTime = std::chrono::local_time<std::chrono::microseconds>;

/// Whether the system's zone database (package tzdata) knows an IANA name.
[[nodiscard]] bool is_time_zone(std::string_view name);

/// A time zone of the system's database. Cheap to copy.
class TimeZone {
 public:
  /// `UTC`, `Europe/Berlin`. Throws Error{config} when the name is not known.
  explicit TimeZone(std::string_view name);

  [[nodiscard]] LocalTime to_local(WallTime time) const;

  /// The moment of a local time. One that the clocks skip gives the end of the gap; of one that
  /// comes twice, the first.
  [[nodiscard]] WallTime to_wall(LocalTime time) const;

 private:
  const date::time_zone* zone_;
};

}  // namespace rowferry
