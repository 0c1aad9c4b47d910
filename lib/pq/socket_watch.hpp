#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/descriptor_base.hpp>
#include <memory>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace rowferry::pq {

/// A socket that libpq owns, awaitable with a deadline. Used by one task at a time.
class SocketWatch {
 public:
  using Direction = boost::asio::posix::descriptor_base::wait_type;
  static constexpr Direction kRead = boost::asio::posix::descriptor_base::wait_read;
  static constexpr Direction kWrite = boost::asio::posix::descriptor_base::wait_write;

  explicit SocketWatch(const boost::asio::any_io_executor& executor);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// Begins to watch a socket. It must be let go (`release`) before libpq may close it.
  void watch(int socket);
  void release();

  /// Waits until the socket is ready, at most until then; false when time is up.
  Task<bool> wait(Direction direction, SteadyTime until);

  /// Waits for a fraction of a millisecond. What arrives meanwhile wakes nobody: neither this loop
  /// nor, on the same machine, the sender's processor time to do it.
  Task<> pause(std::chrono::microseconds duration);

 private:
  struct Body;
  // An alarm may still be queued when the watch is gone.
  std::shared_ptr<Body> body_;
};

}  // namespace rowferry::pq
