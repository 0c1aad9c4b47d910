#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <vector>

#include "base/blocking.hpp"
#include "base/task.hpp"
#include "http/url.hpp"

namespace rowferry::http {

/// The addresses of a server, in the order in which the system wants them tried. A name is looked
/// up on a worker thread, for it blocks; a look-up that outlasts the deadline is left to itself.
/// Throws Error{transient}, reason `dns`.
Task<std::vector<boost::asio::ip::tcp::endpoint>> resolve(
    boost::asio::any_io_executor executor, WorkerPool& workers, Endpoint endpoint,
    std::chrono::steady_clock::time_point deadline);

}  // namespace rowferry::http
