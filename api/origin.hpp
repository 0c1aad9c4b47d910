#pragma once

#include <optional>
#include <string>

#include "api/message.hpp"

namespace rowferry::api {

/// What guards a listener that asks for no token: then only the address keeps strangers out, and a
/// browser on this machine is a stranger's hand.
struct OriginRules {
  bool is_guarded = false;   ///< tokens are configured: browsers do not send them by themselves
  bool is_loopback = false;  ///< TCP that only this machine reaches
};

/// Why a request may come from the page of a stranger; nothing: it does not. Refused are a Host
/// that is neither an address, `localhost` nor the listener's name (DNS rebinding), and a request
/// that changes something from a page of another origin. Throws RequestError for a Host that is
/// none.
[[nodiscard]] std::optional<std::string> foreign_origin(const OriginRules& rules,
                                                        const Request& request);

}  // namespace rowferry::api
