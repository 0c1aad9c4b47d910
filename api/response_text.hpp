#pragma once

#include <string>
#include <string_view>

#include "api/message.hpp"
#include "base/clock.hpp"

namespace rowferry::api {

/// How an answer stands in its connection.
struct Framing {
  bool keeps_connection = false;
  bool is_head = false;      ///< the request was HEAD: no body follows
  bool takes_chunks = true;  ///< the client speaks HTTP/1.1
};

/// Status line and headers of an answer (RFC 9112), up to the empty line.
[[nodiscard]] std::string response_head(const Response& response, const Framing& framing,
                                        WallTime now);

/// A piece of a body of unknown length as a chunk; an empty piece is the last.
[[nodiscard]] std::string chunk(std::string_view piece);

}  // namespace rowferry::api
