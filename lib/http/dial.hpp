#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>

#include "base/blocking.hpp"
#include "base/task.hpp"
#include "http/stream.hpp"
#include "http/url.hpp"

namespace rowferry::http {

class TlsContext;

/// Opens a connection: looks the name up, tries its addresses one after the other, each with an
/// equal share of the time that is left, and begins TLS where the endpoint asks for it (then
/// `context` is not null and outlives the call). Throws Error{transient}, naming host and port;
/// reason `dns`, `refused`, `timeout` or `tls`.
Task<std::unique_ptr<Stream>> dial(boost::asio::any_io_executor executor, WorkerPool& workers,
                                   Endpoint endpoint, const TlsContext* context,
                                   std::chrono::steady_clock::time_point deadline);

}  // namespace rowferry::http
