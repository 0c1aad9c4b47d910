#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {

/// Reads `250ms 5s 10m 1h 7d`: a whole number and one unit. Nothing when it is anything else, or
/// more than a hundred years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest such text: `90s` for 90 000 ms, `0s` for none. Not for negative durations.
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

/// Reads `100B 512KiB 8MiB 1GiB 2TiB` as bytes. Nothing when it is anything else, or 8 EiB and
/// more.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);

/// The shortest such text: `8MiB` for 8388608.
[[nodiscard]] std::string format_size(std::size_t bytes);

}  // namespace rowferry
