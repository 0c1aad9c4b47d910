#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "core/run.hpp"

namespace rowferry {

/// A run as a flat map of plain values: what is written of it into a state file. Times are UTC,
/// `2026-11-20T10:00:00.123456Z`; what is empty is left out.
[[nodiscard]] boost::json::object to_record(const Run& run);

/// The reverse. Throws Error{internal} when the map is no run.
[[nodiscard]] Run run_of(const boost::json::object& record);

/// A moment as it is written into a state file, and back; throws Error{internal} for other text.
[[nodiscard]] std::string utc_text(WallTime time);
[[nodiscard]] WallTime parse_utc_text(std::string_view text);

}  // namespace rowferry
