#include "http/request_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.hpp"

namespace rowferry::http {
namespace {

constexpr std::string_view kUserAgent = "rowferry/" ROWFERRY_VERSION;

bool is_control(char character) {
  const auto code = static_cast<unsigned char>(character);
  return code < 0x20 || code == 0x7F;
}

bool breaks_target(char character) {
  return is_control(character) || character == ' ' || static_cast<unsigned char>(character) > 0x7F;
}

bool breaks_name(char character) { return breaks_target(character) || character == ':'; }

bool is_sound(const Header& header) {
  return !header.name.empty() && std::ranges::none_of(header.name, breaks_name) &&
         std::ranges::none_of(header.value, is_control);
}

void check(const Request& request) {
  const bool is_sound_target =
      request.target.starts_with('/') && std::ranges::none_of(request.target, breaks_target);
  if (!is_sound_target || !std::ranges::all_of(request.headers, is_sound)) {
    throw Error(Failure::internal, "a request line or header holds a character that breaks HTTP");
  }
}

bool announces_length(const Request& request) {
  return !request.body.empty() || request.method == Method::post || request.method == Method::put;
}

}  // namespace

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::remove:
      return "DELETE";
  }
  return "GET";
}

std::string request_head(const Endpoint& endpoint, const Request& request) {
  check(request);
  std::string head;
  auto out = std::back_inserter(head);
  fmt::format_to(out, "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\n", to_string(request.method),
                 request.target, endpoint.authority(), kUserAgent);
  for (const Header& header : request.headers) {
    fmt::format_to(out, "{}: {}\r\n", header.name, header.value);
  }
  if (announces_length(request)) {
    fmt::format_to(out, "Content-Length: {}\r\n", request.body.size());
  }
  head += "\r\n";
  return head;
}

}  // namespace rowferry::http
