#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rowferry {

/// An interval as PostgreSQL keeps it: three counts that are not reduced to one another.
struct Interval {
  std::int64_t microseconds = 0;
  std::int32_t days = 0;
  std::int32_t months = 0;

  bool operator==(const Interval&) const = default;
};

/// The bytes of its binary form, and the most characters of its text.
inline constexpr std::size_t kIntervalBytes = 16;
inline constexpr std::size_t kIntervalTextMax = 128;

/// Reads and writes the binary form: `kIntervalBytes` bytes.
[[nodiscard]] Interval load_interval(const char* bytes);
char* store_interval(const Interval& interval, char* bytes);

/// PostgreSQL 17's infinite intervals: every field at its greatest, or every field at its least.
[[nodiscard]] Interval infinite_interval(bool negative);

/// Writes an interval as IntervalStyle postgres does: `1 year -2 mons +3 days 04:05:06.7`,
/// `-00:00:01`, `infinity`. Returns the end.
char* write_interval(const Interval& interval, char* out);

}  // namespace rowferry
