#pragma once

#include <cstdint>
#include <string_view>

#include "core/text_fit.hpp"
#include "core/time_text.hpp"

namespace rowferry {

/// Reads the text of a date, a time of day or a timestamp, without blanks around it, into the units
/// of `time_text.hpp`; see `cell_from_text` for what is taken. On a misfit the value is untouched.
[[nodiscard]] TextFit date_from_text(std::string_view text, std::int32_t& days);
[[nodiscard]] TextFit time_of_day_from_text(std::string_view text, std::int64_t& microseconds);
[[nodiscard]] TextFit timestamp_from_text(std::string_view text, ZoneText zone,
                                          std::int64_t& microseconds);

}  // namespace rowferry
