#include "api/target.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "api/reply.hpp"
#include "base/utf8.hpp"

namespace rowferry::api {
namespace {

[[noreturn]] void refuse_host() {
  throw RequestError(400, "the Host header is not HOST or HOST:PORT");
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

Authority parse_bracketed(std::string_view text) {
  const std::size_t end = text.find(']');
  const std::string_view rest = end == std::string_view::npos ? "?" : text.substr(end + 1);
  Authority authority;
  authority.host = std::string(text.substr(1, end == std::string_view::npos ? 0 : end - 1));
  authority.is_address = true;
  if (!is_address(AF_INET6, authority.host) ||
      !(rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))))) {
    refuse_host();
  }
  return authority;
}

std::string query_text(std::string_view text) {
  if (!is_utf8(text)) {
    throw RequestError(400, "a query parameter is not UTF-8");
  }
  return std::string(text);
}

void take_query(const boost::urls::url_view& url, Request& request) {
  for (const auto& parameter : url.params()) {
    std::string name = query_text(parameter.key);
    if (!request.query.emplace(std::move(name), query_text(parameter.value)).second) {
      throw RequestError(400, "a query parameter is given twice");
    }
  }
}

}  // namespace

Authority parse_authority(std::string_view text) {
  if (text.starts_with('[')) {
    return parse_bracketed(text);
  }
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=";
  const std::size_t colon = std::min(text.find(':'), text.size());
  if (colon < text.size() && !is_port(text.substr(colon + 1))) {
    refuse_host();
  }
  Authority authority;
  authority.host = std::string(text.substr(0, colon));
  if (authority.host.find_first_not_of(kAllowed) != std::string::npos) {
    refuse_host();
  }
  for (char& character : authority.host) {
    character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  }
  if (authority.host.ends_with('.')) {
    authority.host.pop_back();
  }
  authority.is_address = is_address(AF_INET, authority.host);
  return authority;
}

void take_target(std::string_view target, Request& request) {
  const bool is_whole = !target.starts_with('/');
  const auto url =
      is_whole ? boost::urls::parse_uri(target) : boost::urls::parse_origin_form(target);
  if (!url || (is_whole && url->scheme() != "http" && url->scheme() != "https")) {
    throw RequestError(400, "the request's target is neither a path nor a URL");
  }
  if (is_whole) {
    request.host = std::string(url->encoded_host_and_port());
  }
  static_cast<void>(parse_authority(request.host));
  const std::string path(url->encoded_path());
  request.path = path.empty() ? std::string("/") : path;
  take_query(*url, request);
}

}  // namespace rowferry::api
