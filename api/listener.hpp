#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <string>

namespace rowferry::api {

/// Where the API listens: a TCP address, or a Unix socket when `unix_path` is given.
struct Listen {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;
};

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

/// Binds and listens; throws Error{config} when the address cannot be had. A stale Unix socket is
/// replaced, one that somebody answers on is not; its mode is 0660.
void open_listener(const Listen& listen, Acceptor& acceptor);

/// The TCP port that was bound; 0 for a Unix socket.
[[nodiscard]] std::uint16_t bound_port(const Acceptor& acceptor);

}  // namespace rowferry::api
