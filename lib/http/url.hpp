#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry::http {

/// Where a server listens.
struct Endpoint {
  bool tls = false;
  std::string host;  ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 80;
  std::string unix_path{};  ///< of a local socket; then there is neither host nor port

  bool operator==(const Endpoint&) const = default;

  /// `host:port` or `unix:/path`, as messages name the server.
  [[nodiscard]] std::string text() const;
  /// The value of the Host header: without the port where it is the scheme's own (a signature may
  /// cover it); `localhost` for a local socket.
  [[nodiscard]] std::string authority() const;
};

/// A base URL: where, and the path below which everything lies.
struct Url {
  Endpoint endpoint;
  std::string path;  ///< empty, or `/prefix` without a slash at its end; percent-encoded
  std::string user;  ///< user information, decoded; empty where the URL has none
  std::string password;

  /// The URL without user information.
  [[nodiscard]] std::string text() const;
};

/// Reads an `http://` or `https://` URL (RFC 3986) without query and fragment. Nothing when it is
/// none.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

/// Percent-encodes everything but letters, digits and `-._~`: one path segment, or a query's name
/// or value (RFC 3986 section 2.3; the form that AWS signs).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace rowferry::http
