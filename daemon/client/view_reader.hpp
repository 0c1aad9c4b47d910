#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <vector>

#include "core/dead_letter.hpp"
#include "engine/control.hpp"

namespace rowferry::client {

/// The reverse of what the API shows (api/views.hpp), as section 6 of the contract has it. Members
/// that are null, missing or unknown are passed over, so that a daemon of another version can be
/// talked to; what cannot be a job, run or letter at all throws Error{transient}: another server
/// answers there.
[[nodiscard]] JobView read_job(const boost::json::value& value);
[[nodiscard]] RunView read_run(const boost::json::value& value);
[[nodiscard]] DeadLetter read_dead_letter(const boost::json::value& value);

/// How many dead letters a call dropped.
[[nodiscard]] std::int64_t read_dropped(const boost::json::value& value);

/// The items of a list.
[[nodiscard]] std::vector<JobView> read_jobs(const boost::json::value& list);
[[nodiscard]] std::vector<RunView> read_runs(const boost::json::value& list);
[[nodiscard]] std::vector<DeadLetter> read_dead_letters(const boost::json::value& list);

}  // namespace rowferry::client
