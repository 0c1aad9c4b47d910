#pragma once

#include <memory>
#include <string>

#include "base/task.hpp"
#include "pq/settings.hpp"

struct pg_conn;

namespace rowferry::pq {

/// Ends a connection of libpq; its socket must not be watched any more.
struct FinishConnection {
  void operator()(pg_conn* connection) const;
};
using ConnectionHandle = std::unique_ptr<pg_conn, FinishConnection>;

/// Makes a connection: the hosts of the connection string one after the other, each within the
/// connect timeout (the string's `connect_timeout` goes before the setting). libpq's handshake is
/// driven step by step: a step (name look-up, files, key derivation) runs on the workers, the waits
/// between them do not occupy one. Throws Error{config} for a connection string that cannot be
/// read, else Error{transient} with the cause of the last host; reason `timeout` when it was time.
Task<ConnectionHandle> make_connection(const ConnectSettings& settings,
                                       const Environment& environment);

}  // namespace rowferry::pq
