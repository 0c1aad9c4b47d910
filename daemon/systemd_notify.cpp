#include "daemon/systemd_notify.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace rowferry {

void notify_service_manager(const std::string& state) { sd_notify(0, state.c_str()); }

std::optional<std::chrono::microseconds> watchdog_interval() {
  std::uint64_t interval = 0;
  if (sd_watchdog_enabled(0, &interval) <= 0) {
    return std::nullopt;
  }
  return std::chrono::microseconds(interval);
}

}  // namespace rowferry
