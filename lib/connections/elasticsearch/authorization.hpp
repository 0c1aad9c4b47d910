#pragma once

#include <string>

#include "connections/elasticsearch/settings.hpp"

namespace rowferry::elasticsearch {

/// The value of the Authorization header: Basic (RFC 7617), or ApiKey with the key as the server
/// gave it (`encoded`), or with `id:key` in base64. Empty when we do not log in. Secret.
[[nodiscard]] std::string authorization(const ConnectionSettings& settings);

}  // namespace rowferry::elasticsearch
