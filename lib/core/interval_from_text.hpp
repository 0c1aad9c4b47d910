#pragma once

#include <string_view>

#include "core/interval.hpp"
#include "core/text_fit.hpp"

namespace rowferry {

/// Reads an interval as `write_interval` writes it, without blanks around it: years, months (`mon`,
/// `month`) and days, each at most once and with or without the plural's s, then a time. On a
/// misfit the interval is untouched.
[[nodiscard]] TextFit interval_from_text(std::string_view text, Interval& interval);

}  // namespace rowferry
