#include "api/auth.hpp"

#include <openssl/crypto.h>

#include <string_view>

namespace rowferry::api {
namespace {

// The token of an `Authorization: Bearer ...` header; empty when there is none.
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) {
    return {};
  }
  for (std::size_t index = 0; index < kScheme.size(); ++index) {
    if ((authorization[index] | 0x20) != (kScheme[index] | 0x20)) {
      return {};
    }
  }
  return authorization.substr(kScheme.size());
}

bool same(const Secret& token, std::string_view given) {
  const std::string& wanted = token.reveal();
  return !wanted.empty() && wanted.size() == given.size() &&
         CRYPTO_memcmp(wanted.data(), given.data(), wanted.size()) == 0;
}

}  // namespace

Access check_access(const Tokens& tokens, Scope scope, const std::string& authorization) {
  if (!tokens.configured() || scope == Scope::open) {
    return Access::granted;
  }
  const std::string_view given = bearer_token(authorization);
  if (same(tokens.operate, given)) {
    return Access::granted;
  }
  if (same(tokens.read, given)) {
    return scope == Scope::read ? Access::granted : Access::forbidden;
  }
  return Access::unauthenticated;
}

}  // namespace rowferry::api
