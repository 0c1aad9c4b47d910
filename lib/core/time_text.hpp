#pragma once

#include <cstdint>

#include "base/buffer.hpp"

namespace rowferry {

/// How a moment is written.
enum class TimeStyle {
  text,  ///< `2024-02-29 12:00:00.5+00`, the server's text
  json,  ///< `2024-02-29T12:00:00.5+00:00`, for years 1 to 9999; else the server's text
};

/// Appends a date: days since 2000-01-01, the extremes are `infinity` and `-infinity`.
void append_date_text(std::int32_t days, Buffer& out);

/// Appends a time of day: microseconds since midnight.
void append_time_text(std::int64_t microseconds, Buffer& out);

/// Appends a timestamp: microseconds since 2000-01-01, the extremes are infinite; `with_zone`: in
/// UTC, and says so.
void append_timestamp_text(std::int64_t microseconds, bool with_zone, TimeStyle style, Buffer& out);

/// Appends an interval in IntervalStyle postgres.
void append_interval_text(std::int64_t microseconds, std::int32_t days, std::int32_t months,
                          Buffer& out);

}  // namespace rowferry
