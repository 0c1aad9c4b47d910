#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace rowferry::api {

/// JSON for people and shell scripts: as Boost.JSON writes it, but for numbers with a fraction,
/// which have no exponent (`0.045`, not `4.5E-2`), and for texts that are no UTF-8: what in them is
/// none becomes U+FFFD, for JSON knows nothing else (RFC 8259 section 8.1).
[[nodiscard]] std::string plain_json(const boost::json::value& value);

}  // namespace rowferry::api
