#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace rowferry::api {

/// JSON for people and shell scripts: as Boost.JSON writes it, but for numbers with a fraction,
/// which have no exponent (`0.045`, not `4.5E-2`).
[[nodiscard]] std::string plain_json(const boost::json::value& value);

}  // namespace rowferry::api
