#include "config/cron_schedule.hpp"

#include <fmt/format.h>

#include "base/cron.hpp"
#include "base/error.hpp"
#include "base/time_zone.hpp"

namespace rowferry::config {

std::string parse_time_zone(const Node& node) {
  std::string name = node.text("timezone", "UTC");
  if (!is_time_zone(name)) {
    node.problem("timezone", fmt::format("'{}' is no time zone such as Europe/Berlin", name));
  }
  return name;
}

Schedule parse_cron_schedule(const Node& node) {
  Schedule schedule;
  schedule.kind = Schedule::Kind::cron;
  schedule.cron = node.text("cron");
  schedule.timezone = parse_time_zone(node);
  try {
    const Cron checked(schedule.cron);
  } catch (const Error& error) {
    node.problem("cron", error.what());
  }
  return schedule;
}

}  // namespace rowferry::config
