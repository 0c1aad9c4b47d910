#include "api/listener.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/error.hpp"

namespace rowferry::api {
namespace {

namespace asio = boost::asio;
using Endpoint = asio::generic::stream_protocol::endpoint;
using boost::system::error_code;

[[noreturn]] void refuse(const std::string& address, const std::string& cause) {
  throw Error(Failure::config,
              fmt::format("the API cannot listen on {}: {}; change daemon.listen or end what "
                          "holds the address",
                          address, cause));
}

// Whether somebody answers on the socket file; a dead daemon's file answers nobody.
bool is_answered(const std::string& path) {
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  error_code code;
  probe.connect(asio::local::stream_protocol::endpoint(path), code);
  return !code;
}

Endpoint tcp_endpoint(const Listen& listen) {
  error_code code;
  const auto address = asio::ip::make_address(listen.host, code);
  if (code) {
    refuse(fmt::format("{}:{}", listen.host, listen.port), "not an IP address");
  }
  return asio::ip::tcp::endpoint(address, listen.port);
}

void make_way(const std::string& path, const std::string& name) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    return;
  }
  if (!S_ISSOCK(found.st_mode)) {
    refuse(name, "a file of that name is no socket");
  }
  if (is_answered(path)) {
    refuse(name, "another process answers there");
  }
  ::unlink(path.c_str());
}

void bind_unix(const std::string& path, Acceptor& acceptor) {
  const std::string name = "unix:" + path;
  make_way(path, name);
  error_code code;
  acceptor.open(asio::local::stream_protocol(), code);
  const mode_t before = ::umask(0117);
  acceptor.bind(asio::local::stream_protocol::endpoint(path), code);
  ::umask(before);
  if (code) {
    refuse(name, code.message());
  }
}

void bind_tcp(const Listen& listen, Acceptor& acceptor) {
  const Endpoint endpoint = tcp_endpoint(listen);
  error_code code;
  acceptor.open(endpoint.protocol(), code);
  acceptor.set_option(asio::socket_base::reuse_address(true), code);
  acceptor.bind(endpoint, code);
  if (code) {
    refuse(fmt::format("{}:{}", listen.host, listen.port), code.message());
  }
}

}  // namespace

void open_listener(const Listen& listen, Acceptor& acceptor) {
  if (listen.unix_path.empty()) {
    bind_tcp(listen, acceptor);
  } else {
    bind_unix(listen.unix_path, acceptor);
  }
  error_code code;
  acceptor.listen(asio::socket_base::max_listen_connections, code);
  if (code) {
    refuse(listen.unix_path.empty() ? listen.host : listen.unix_path, code.message());
  }
}

std::uint16_t bound_port(const Acceptor& acceptor) {
  const Endpoint endpoint = acceptor.local_endpoint();
  const auto* address = reinterpret_cast<const sockaddr*>(endpoint.data());
  if (address->sa_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port);
  }
  return address->sa_family == AF_INET
             ? ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port)
             : 0;
}

}  // namespace rowferry::api
