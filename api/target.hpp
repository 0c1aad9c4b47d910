#pragma once

#include <string>
#include <string_view>

#include "api/message.hpp"

namespace rowferry::api {

/// The authority of a URL or Host header, taken apart.
struct Authority {
  std::string host;  ///< lower case, without brackets and final dot; may be empty
  bool is_address = false;
};

/// Reads `HOST[:PORT]` (RFC 9110 section 7.2). Throws RequestError{400} when it is none.
[[nodiscard]] Authority parse_authority(std::string_view text);

/// Puts path and query of a request's target into the request; that of a whole URL (RFC 9112
/// section 3.2.2) also replaces the host. Throws RequestError{400}.
void take_target(std::string_view target, Request& request);

}  // namespace rowferry::api
