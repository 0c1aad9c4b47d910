#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "base/clock.hpp"
#include "core/dead_letter.hpp"
#include "engine/control.hpp"

namespace rowferry::api {

/// `2026-11-21T01:02:03.123456Z`.
[[nodiscard]] std::string rfc3339(WallTime time);

/// A run as section 6 of the contract shows it.
[[nodiscard]] boost::json::object run_json(const RunView& view);
/// A job as section 6 of the contract shows it.
[[nodiscard]] boost::json::object job_json(const JobView& view);
/// A dead letter as section 6 of the contract shows it.
[[nodiscard]] boost::json::object dead_letter_json(const DeadLetter& letter);

}  // namespace rowferry::api
