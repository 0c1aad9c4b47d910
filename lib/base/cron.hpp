#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/time_zone.hpp"

namespace rowferry {

/// A cron expression, as crontab(5) has it: minute, hour, day of month, month, day of week, each
/// `*`, a number, a range `1-5`, a list `1,15`, with steps `*/15`, `2-10/2`, `5/10` (from 5 on);
/// months and days also by their first three letters; Sunday is 0 and 7. `@yearly @annually
/// @monthly @weekly @daily @midnight @hourly` stand for what they say. When both day fields are
/// restricted, either may match.
class Cron {
 public:
  /// Throws Error{config} that says what is wrong, also for a day that never comes.
  explicit Cron(std::string_view expression);

  /// The first moment after `time` at which the job is due. In the night when clocks go forward, a
  /// job within the skipped hour is due once, right after it; when they go back, a job within the
  /// repeated hour is due once, the first time. A job of every hour follows real time instead, and
  /// so knows neither gap nor repetition (both as Vixie's cron has it).
  [[nodiscard]] WallTime next_after(WallTime time, const TimeZone& zone) const;

 private:
  using Minutes = std::bitset<60>;
  using Hours = std::bitset<24>;
  using Days = std::bitset<32>;     // 1 .. 31
  using Months = std::bitset<13>;   // 1 .. 12
  using Weekdays = std::bitset<7>;  // 0: Sunday

  [[nodiscard]] bool matches(std::chrono::local_days day) const;
  [[nodiscard]] bool matches(LocalTime time) const;
  [[nodiscard]] bool ever_matches() const;
  /// The first matching day that is `day` or later.
  [[nodiscard]] std::chrono::local_days first_day(std::chrono::local_days day) const;
  /// The first matching local minute after `time`.
  [[nodiscard]] LocalTime next_local(LocalTime time) const;
  [[nodiscard]] WallTime next_in_real_time(WallTime time, const TimeZone& zone) const;

  Minutes minutes_;
  Hours hours_;
  Days days_;
  Months months_;
  Weekdays weekdays_;
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace rowferry
