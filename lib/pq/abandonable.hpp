#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>

#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"

namespace rowferry::pq {

/// Runs work that blocks (a name look-up) on the workers, and waits for it until
/// the deadline: false when it had not ended by then. The work goes on by itself in that case, so
/// all it touches must belong to it, by shared pointers. It must not throw.
Task<bool> run_abandonable(WorkerPool& workers, boost::asio::any_io_executor executor,
                           std::function<void()> work, SteadyTime until);

}  // namespace rowferry::pq
