#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "api/router.hpp"

namespace rowferry::api {

/// The OpenAPI 3.1 document of these routes. With `asks_for_tokens`, routes that are not open say
/// which token they need; without, tokens are described but needed nowhere.
[[nodiscard]] boost::json::object openapi_document(const std::vector<Route>& routes,
                                                   const std::string& version,
                                                   bool asks_for_tokens);

}  // namespace rowferry::api
