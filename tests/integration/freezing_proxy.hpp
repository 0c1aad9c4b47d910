#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/async.hpp"
#include "base/task.hpp"

namespace rowferry::test {

/// Stands between a client and a server (a Unix socket) and can stop passing bytes on, as a server
/// that hangs would. Runs on the test's loop.
class FreezingProxy {
 public:
  FreezingProxy(const boost::asio::any_io_executor& executor, std::string server_socket);
  ~FreezingProxy();
  FreezingProxy(const FreezingProxy&) = delete;
  FreezingProxy& operator=(const FreezingProxy&) = delete;

  [[nodiscard]] int port() const;

  /// From now on nothing passes, in any connection; new ones are taken and hang as well.
  void freeze();

  /// Freezes by itself once so many bytes have come from the server.
  void freeze_after(std::size_t bytes);

 private:
  struct Body;
  std::shared_ptr<Body> body_;
};

}  // namespace rowferry::test
