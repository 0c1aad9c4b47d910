#pragma once

#include "config/components.hpp"

namespace rowferry::config {

/// Components that read keys as the real ones do, without any server behind them: connections
/// postgres, elasticsearch and file; a source of postgres; sinks of the other two.
[[nodiscard]] Components make_fake_components();

}  // namespace rowferry::config
