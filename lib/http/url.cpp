#include "http/url.hpp"

#include <fmt/format.h>

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace rowferry::http {
namespace {

std::uint16_t port_of_scheme(bool tls) { return tls ? 443 : 80; }

std::string host_text(const std::string& host) {
  return host.find(':') == std::string::npos ? host : fmt::format("[{}]", host);
}

/// The port that a URL gives, or its scheme's own; nothing when it is no port.
std::optional<std::uint16_t> port_of(const boost::urls::url_view& view, bool tls) {
  if (!view.has_port()) {
    return port_of_scheme(tls);
  }
  const std::string digits = view.port();
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return fault == std::errc() && port != 0 ? std::optional(port) : std::nullopt;
}

bool is_usable(const boost::urls::url_view& view) {
  const bool known = view.scheme_id() == boost::urls::scheme::http ||
                     view.scheme_id() == boost::urls::scheme::https;
  const bool plain = !view.has_query() && !view.has_fragment();
  return known && plain && !view.host().empty();
}

}  // namespace

std::string Endpoint::text() const {
  return unix_path.empty() ? fmt::format("{}:{}", host_text(host), port) : "unix:" + unix_path;
}

std::string Endpoint::authority() const {
  if (!unix_path.empty()) {
    return "localhost";
  }
  return port == port_of_scheme(tls) ? host_text(host) : text();
}

std::string Url::text() const {
  return fmt::format("{}://{}{}", endpoint.tls ? "https" : "http", endpoint.authority(), path);
}

std::optional<Url> parse_url(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (parsed.has_error() || !is_usable(*parsed)) {
    return std::nullopt;
  }
  const boost::urls::url_view& view = *parsed;
  const bool tls = view.scheme_id() == boost::urls::scheme::https;
  const auto port = port_of(view, tls);
  if (!port) {
    return std::nullopt;
  }
  Url url;
  url.endpoint.tls = tls;
  url.endpoint.host = view.host_address();
  url.endpoint.port = *port;
  url.path = view.encoded_path();
  while (url.path.ends_with('/')) {
    url.path.pop_back();
  }
  url.user = view.user();
  url.password = view.password();
  return url;
}

std::string percent_encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace rowferry::http
