#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "api/router.hpp"
#include "base/log.hpp"
#include "base/task.hpp"

namespace rowferry::api {

/// Where the API listens: a TCP address, or a Unix socket when `unix_path` is given.
struct Listen {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;
};

/// What one client may use up.
struct Limits {
  std::size_t connections_max = 512;
  std::size_t header_bytes_max = 16u << 10;
  std::size_t body_bytes_max = 1u << 20;
  std::chrono::seconds read_timeout{10};  ///< for a whole request, from its first byte
  std::chrono::seconds idle_timeout{60};  ///< between requests
};

/// Answers HTTP/1.1 on one address. All handlers run on the event loop.
class Server {
 public:
  /// The router and the log must outlive the server.
  Server(const boost::asio::any_io_executor& executor, Listen listen, const Router& router,
         Log& log);
  ~Server();

  /// Binds and listens; throws Error{config} when the address cannot be had. A stale Unix socket is
  /// replaced, one that somebody answers on is not; its mode is 0660.
  void start();

  /// The port that was bound (useful when 0 was asked for).
  [[nodiscard]] std::uint16_t port() const;

  /// Accepts until `stop`.
  Task<> serve();

  /// Ends accepting and all sessions.
  void stop();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace rowferry::api
