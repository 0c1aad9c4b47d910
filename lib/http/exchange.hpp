#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>

#include "base/error.hpp"
#include "base/task.hpp"
#include "http/message.hpp"
#include "http/stream.hpp"
#include "http/url.hpp"

namespace rowferry::http {

/// What became of a request on one connection: a reply or a failure.
struct Outcome {
  std::optional<Response> response;
  std::optional<Error> failure;
  /// The connection may carry another request.
  bool keeps_connection = false;
  /// The server ended the connection before anything of a reply arrived.
  bool died_silently = false;
  /// It did so by a reset: it had not read all that was sent.
  bool was_reset = false;
};

/// Sends a request and reads its reply. Where sending fails a reply may still have come, from a
/// server that answered early and closed: it counts.
Task<Outcome> exchange(boost::asio::any_io_executor executor, Stream& stream,
                       const Endpoint& endpoint, const Request& request,
                       std::chrono::steady_clock::time_point deadline);

}  // namespace rowferry::http
