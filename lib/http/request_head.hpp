#pragma once

#include <string>

#include "http/message.hpp"
#include "http/url.hpp"

namespace rowferry::http {

/// The request line and headers as HTTP/1.1 has them on the wire (RFC 9112), up to and including
/// the empty line. Throws Error{internal} for a target, name or value that would break the frame.
[[nodiscard]] std::string request_head(const Endpoint& endpoint, const Request& request);

}  // namespace rowferry::http
