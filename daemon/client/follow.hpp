#pragma once

#include <cstdint>

#include "daemon/client/api_client.hpp"
#include "engine/control.hpp"

namespace rowferry::client {

/// The end of a run, and how the daemon tells it.
struct FollowedRun {
  RunView view;
  std::string text;  ///< the answer that shows it
};

/// Waits for the end of a run, with a progress line on a terminal. A daemon that restarts meanwhile
/// is waited for, up to a minute; an interrupted run that nobody takes up is Error{rejected}.
/// Throws as ApiClient does.
Task<FollowedRun> follow_run(ApiClient& api, std::int64_t id);

}  // namespace rowferry::client
