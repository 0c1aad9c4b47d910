#include "api/origin.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "api/target.hpp"

namespace rowferry::api {
namespace {

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

// No browser leaves the host out.
bool is_known_host(const std::string& text) {
  const Authority authority = parse_authority(text);
  return authority.is_address || authority.host.empty() || authority.host == "localhost";
}

// Behind a proxy that speaks TLS the page's scheme is another than ours; the host is what counts.
bool is_same_host(const std::string& origin, const std::string& host) {
  const std::string given = lower(origin);
  const std::string wanted = lower(host);
  return given == "http://" + wanted || given == "https://" + wanted;
}

}  // namespace

std::optional<std::string> foreign_origin(const OriginRules& rules, const Request& request) {
  if (rules.is_guarded) {
    return std::nullopt;
  }
  if (rules.is_loopback && !is_known_host(request.host)) {
    return "without a token, the Host must be an address or localhost; "
           "set daemon.operate_token_file to allow others";
  }
  if (request.origin && changes_something(request.method) &&
      !is_same_host(*request.origin, request.host)) {
    return "without a token, pages of another origin may change nothing; "
           "set daemon.operate_token_file to allow them";
  }
  return std::nullopt;
}

}  // namespace rowferry::api
