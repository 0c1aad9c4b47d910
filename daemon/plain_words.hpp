#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace rowferry {

/// 1234567 as `1,234,567`.
[[nodiscard]] std::string grouped(std::int64_t number);

/// `1 job`, `2 jobs`.
[[nodiscard]] std::string counted(std::size_t count, std::string_view word);

/// A time span at a glance, in its largest fitting unit: `0.4 s`, `42 s`, `5 min`, `3 h`, `2 d`.
/// A negative one (clocks differ) counts as none.
[[nodiscard]] std::string about(std::chrono::milliseconds span);

/// 1536 as `1.5 KiB`.
[[nodiscard]] std::string about_bytes(std::int64_t bytes);

/// `2026-11-21 01:02:03 UTC`.
[[nodiscard]] std::string moment(WallTime time);

/// Text from elsewhere on one line, fit for a terminal: control characters and runs of white space
/// become one blank.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace rowferry
