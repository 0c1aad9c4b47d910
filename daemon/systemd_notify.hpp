#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rowferry {

/// Tells the service manager (the socket in `NOTIFY_SOCKET`, `sd_notify(3)`); does nothing without
/// one. The state is a line such as `READY=1`.
void notify_service_manager(const std::string& state);

/// How often the service manager wants to hear `WATCHDOG=1` (`sd_watchdog_enabled(3)`); nothing
/// when it does not watch.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_interval();

}  // namespace rowferry
