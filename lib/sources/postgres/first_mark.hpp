#pragma once

#include "base/task.hpp"
#include "pq/session.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"

namespace rowferry::postgres {

/// Reads, in a session of the server that marks are taken of, the mark that the poll behind a first
/// copy starts from. Take it before the first row of the copy is read: whatever changes later, the
/// poll finds.
Task<Mark> take_first_mark(pq::Session& session, const Pass& pass);

}  // namespace rowferry::postgres
