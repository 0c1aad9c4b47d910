#include "api/server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

#include "api/session.hpp"
#include "base/async.hpp"
#include "base/error.hpp"

namespace rowferry::api {
namespace {

namespace asio = boost::asio;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
constexpr std::chrono::milliseconds kAcceptPause{100};

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
  boost::system::error_code code;
  probe.connect(asio::local::stream_protocol::endpoint(path), code);
  return !code;
}

Protocol::endpoint tcp_endpoint(const Listen& listen) {
  boost::system::error_code code;
  const auto address = asio::ip::make_address(listen.host, code);
  if (code) {
    refuse(fmt::format("{}:{}", listen.host, listen.port), "not an IP address");
  }
  return asio::ip::tcp::endpoint(address, listen.port);
}

}  // namespace

struct Server::Body {
  Body(const asio::any_io_executor& executor, Listen wanted, const Router& known, Log& known_log)
      : acceptor(executor),
        sessions_running(executor),
        listen(std::move(wanted)),
        router(known),
        log(known_log) {}

  void bind_unix();
  void bind_tcp();
  Task<> run_session(std::shared_ptr<Session> session);

  Acceptor acceptor;
  TaskGroup sessions_running;
  Listen listen;
  const Router& router;
  Log& log;
  Limits limits;
  std::set<Session*> sessions;
  bool stopped = false;
};

void Server::Body::bind_unix() {
  const std::string name = "unix:" + listen.unix_path;
  struct stat found {};
  if (::lstat(listen.unix_path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) {
      refuse(name, "a file of that name is no socket");
    }
    if (is_answered(listen.unix_path)) {
      refuse(name, "another process answers there");
    }
    ::unlink(listen.unix_path.c_str());
  }
  boost::system::error_code code;
  acceptor.open(asio::local::stream_protocol(), code);
  const mode_t before = ::umask(0117);
  acceptor.bind(asio::local::stream_protocol::endpoint(listen.unix_path), code);
  ::umask(before);
  if (code) {
    refuse(name, code.message());
  }
  acceptor.listen(asio::socket_base::max_listen_connections, code);
}

void Server::Body::bind_tcp() {
  const Protocol::endpoint endpoint = tcp_endpoint(listen);
  boost::system::error_code code;
  acceptor.open(endpoint.protocol(), code);
  acceptor.set_option(asio::socket_base::reuse_address(true), code);
  acceptor.bind(endpoint, code);
  if (code) {
    refuse(fmt::format("{}:{}", listen.host, listen.port), code.message());
  }
  acceptor.listen(asio::socket_base::max_listen_connections, code);
}

Task<> Server::Body::run_session(std::shared_ptr<Session> session) {
  co_await session->run();
  sessions.erase(session.get());
}

Server::Server(const asio::any_io_executor& executor, Listen listen, const Router& router, Log& log)
    : body_(std::make_unique<Body>(executor, std::move(listen), router, log)) {}

Server::~Server() = default;

void Server::start() {
  if (body_->listen.unix_path.empty()) {
    body_->bind_tcp();
  } else {
    body_->bind_unix();
  }
}

std::uint16_t Server::port() const {
  const Protocol::endpoint endpoint = body_->acceptor.local_endpoint();
  const auto* address = reinterpret_cast<const sockaddr*>(endpoint.data());
  if (address->sa_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(address)->sin6_port);
  }
  return address->sa_family == AF_INET
             ? ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port)
             : 0;
}

Task<> Server::serve() {
  Body& body = *body_;
  while (!body.stopped) {
    co_await body.sessions_running.wait_until_running_at_most(body.limits.connections_max - 1);
    Protocol::socket socket(body.acceptor.get_executor());
    boost::system::error_code code;
    co_await body.acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, code));
    if (body.stopped) {
      break;
    }
    if (code) {
      // Out of descriptors, most likely: wait for some to come back.
      body.log.warn("the API could not accept a client", {{"error", code.message()}});
      asio::steady_timer pause(body.acceptor.get_executor(), kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, code));
      continue;
    }
    auto session = std::make_shared<Session>(std::move(socket), body.router, body.limits);
    body.sessions.insert(session.get());
    body.sessions_running.spawn(body.run_session(session));
  }
  co_await body.sessions_running.join();
}

void Server::stop() {
  body_->stopped = true;
  boost::system::error_code ignored;
  body_->acceptor.close(ignored);
  for (Session* session : body_->sessions) {
    session->close();
  }
  if (!body_->listen.unix_path.empty()) {
    ::unlink(body_->listen.unix_path.c_str());
  }
}

}  // namespace rowferry::api
