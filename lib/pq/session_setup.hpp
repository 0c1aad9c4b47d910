#pragma once

#include <memory>

#include "base/task.hpp"
#include "pq/settings.hpp"
#include "pq/wire.hpp"

namespace rowferry::pq {

/// Opens a connection and brings it into the state that every session has: UTC, ISO dates, UTF-8 (a
/// SQL_ASCII database: its own bytes), hex bytea, whole scans from the first block, and the limits
/// of the settings. Refuses, with Error{config}, a server that cannot have it, and a pooler that
/// lends out its sessions a transaction at a time.
Task<std::unique_ptr<Wire>> open_wire(const ConnectSettings& settings, Environment environment);

}  // namespace rowferry::pq
