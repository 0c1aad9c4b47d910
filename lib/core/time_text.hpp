#pragma once

#include <cstddef>
#include <cstdint>

namespace rowferry {

/// The most characters that any function here writes.
inline constexpr std::size_t kTimeTextMax = 64;

/// Whether a timestamp is a `timestamptz`, printed in UTC.
enum class ZoneText : bool { none, utc };

/// Writes a date, counted in days from 2000-01-01, as DateStyle ISO does: `2024-02-29`,
/// `0044-03-15 BC`, `infinity`. Returns the end, as all of these do.
char* write_date(std::int32_t days, char* out);

/// Writes a fraction of a second, `.5` for 500000 microseconds; nothing for 0.
char* write_fraction(std::uint32_t microseconds, char* out);

/// Writes a time of day, in microseconds: `23:59:59.5`.
char* write_time_of_day(std::int64_t microseconds, char* out);

/// Writes a timestamp, in microseconds from 2000-01-01, as DateStyle ISO does:
/// `2024-02-29 12:00:00.5+00`, `0044-03-15 00:00:00 BC`, `-infinity`.
char* write_timestamp(std::int64_t microseconds, ZoneText zone, char* out);

/// The same as `to_json` does, without quotes: `2024-02-29T12:00:00.5+00:00`; the text above for
/// infinities and for years before 1 or after 9999.
char* write_timestamp_iso8601(std::int64_t microseconds, ZoneText zone, char* out);

}  // namespace rowferry
