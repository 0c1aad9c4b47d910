#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "http/message.hpp"

namespace rowferry::elasticsearch {

/// What an Elasticsearch or OpenSearch server says of a failure: `{"error": {"type", "reason",
/// "caused_by"}, "status"}`, or a text.
struct ServerError {
  std::string type;  ///< `index_not_found_exception`; empty when the reply is not the server's own
  std::string text;  ///< `type: reason, caused by type: reason`, cut to a few hundred characters
  /// A circuit breaker that this request will trip each time (`durability: PERMANENT`).
  bool is_permanent = false;
};

/// Reads the value of `error`.
[[nodiscard]] ServerError read_error(const boost::json::value& error);

/// Reads the body of a reply that is no success; of a body of another kind (a proxy's page) the
/// beginning is the text.
[[nodiscard]] ServerError read_error_body(std::string_view body);

/// The Error for a reply that is no success, by its status and the server's words. `attempted` says
/// what was attempted, as in "creating index films".
///  - transient: overload, gateways, Retry-After kept; a server that refuses us (401, 403, reason
///    `auth`) or the index (`cluster_block`, `index_missing`, `index_closed`); replies that no
///    Elasticsearch gives
///  - too_large: 413, and a breaker that will not give in
///  - rejected: any other 4xx that carries the server's reason
[[nodiscard]] Error refusal(std::string_view attempted, const http::Response& response,
                            WallTime now);

/// The metric label for an error that concerns the whole index or ourselves, not a row: `auth`,
/// `cluster_block`, `index_missing`, `index_closed`; empty for all others.
[[nodiscard]] std::string_view reason_beyond_rows(std::string_view error_type);

}  // namespace rowferry::elasticsearch
