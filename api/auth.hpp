#pragma once

#include <string>

#include "base/secret.hpp"

namespace rowferry::api {

/// What a route needs: nothing, the right to look, or the right to operate.
enum class Scope { open, read, operate };

/// The tokens of the configuration; an empty one is not configured.
struct Tokens {
  Secret operate;
  Secret read;

  /// Whether any is.
  [[nodiscard]] bool configured() const { return !operate.empty() || !read.empty(); }
};

/// What became of a check.
enum class Access { granted, unauthenticated, forbidden };

/// Whether a request with this `Authorization` header may use a route of this scope. Without any
/// configured token everything is granted (the listener is on loopback then). Tokens are compared
/// in constant time.
[[nodiscard]] Access check_access(const Tokens& tokens, Scope scope,
                                  const std::string& authorization);

}  // namespace rowferry::api
