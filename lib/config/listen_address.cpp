#include <arpa/inet.h>
#include <sys/un.h>

#include <array>
#include <charconv>

#include "config/settings.hpp"

namespace rowferry::config {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

/// The address of `IP`, `[IPV6]` or `localhost`; empty when it is none of them. Other names are not
/// looked up: which address one means may change, and with it who can reach us.
std::string parse_host(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (text.starts_with('[') && text.ends_with(']')) {
    std::string inner(text.substr(1, text.size() - 2));
    return inet_pton(AF_INET6, inner.c_str(), address.data()) == 1 ? inner : "";
  }
  std::string host(text == "localhost" ? "127.0.0.1" : text);
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ? host : "";
}

}  // namespace

bool ListenAddress::is_local() const {
  if (!unix_path.empty()) {
    return true;
  }
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) {
    return ntohl(four.s_addr) >> 24 == 127;
  }
  in6_addr six{};
  return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

std::optional<ListenAddress> parse_listen(const std::string& text,
                                          const std::filesystem::path& folder) {
  ListenAddress address;
  address.text = text;
  if (text.starts_with(kUnixPrefix)) {
    address.unix_path = (folder / text.substr(kUnixPrefix.size())).lexically_normal();
    const bool fits = address.unix_path.native().size() < sizeof(sockaddr_un::sun_path);
    return address.unix_path.has_filename() && fits ? std::optional(address) : std::nullopt;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  const auto port = parse_port(std::string_view(text).substr(colon + 1));
  address.host = parse_host(std::string_view(text).substr(0, colon));
  if (!port || address.host.empty()) {
    return std::nullopt;
  }
  address.port = *port;
  return address;
}

}  // namespace rowferry::config
