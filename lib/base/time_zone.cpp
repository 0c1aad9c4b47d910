#include "base/time_zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

#include "base/error.hpp"

namespace rowferry {
namespace {

const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

}  // namespace

bool is_time_zone(std::string_view name) { return find_zone(name) != nullptr; }

TimeZone::TimeZone(std::string_view name) : zone_(find_zone(name)) {
  if (zone_ == nullptr) {
    throw Error(Failure::config,
                fmt::format("'{}' is no time zone such as Europe/Berlin (or the package tzdata is "
                            "not installed)",
                            name));
  }
}

LocalTime TimeZone::to_local(WallTime time) const {
  const auto offset = zone_->get_info(std::chrono::floor<std::chrono::seconds>(time)).offset;
  return LocalTime(time.time_since_epoch() + offset);
}

WallTime TimeZone::to_wall(LocalTime time) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const date::local_info info = zone_->get_info(date::local_seconds(seconds));
  if (info.result == date::local_info::nonexistent) {
    return WallTime(info.first.end.time_since_epoch());
  }
  return WallTime(time.time_since_epoch() - info.first.offset);
}

}  // namespace rowferry
