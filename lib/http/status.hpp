#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/message.hpp"

namespace rowferry::http {

/// Whether a status says that the request was carried out.
[[nodiscard]] constexpr bool is_success(unsigned status) { return status >= 200 && status < 300; }

/// What the sender of a request can do about a reply that is no success (RFC 9110 section 15):
/// 413 too_large; 400, 409, 411, 412, 414, 416, 417, 422 and 431 rejected; everything else
/// transient: overload and gateways (408, 425, 429, 5xx) pass, a refusal of ourselves (401, 403,
/// 407) is mended by a person while we wait, and so is a server that is not what the configuration
/// says (redirects, 404, 405, 406, 415).
[[nodiscard]] Failure failure_of(unsigned status);

/// A short word for a status, as a metric label: `auth` for 401, 403 and 407, else `http_503`.
[[nodiscard]] std::string reason_of(unsigned status);

/// The wait that the reply asks for by Retry-After, in seconds or as an HTTP date (RFC 9110 section
/// 10.2.3), at most an hour. Nothing when there is none or it cannot be read.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const Response& response,
                                                                   WallTime now);

}  // namespace rowferry::http
