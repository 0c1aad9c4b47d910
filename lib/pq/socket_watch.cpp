#include "pq/socket_watch.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>

namespace rowferry::pq {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;

struct SocketWatch::Body {
  explicit Body(const boost::asio::any_io_executor& executor) : socket(executor), alarm(executor) {}

  boost::asio::posix::stream_descriptor socket;
  boost::asio::steady_timer alarm;
  /// The socket watched, or -1. It is registered with the loop (`socket`) only from a wait to the
  /// next pause.
  int handle = -1;
  /// The number of the wait that goes on, so that the alarm of an earlier one does nothing.
  std::uint64_t wait_number = 0;
};

SocketWatch::SocketWatch(const boost::asio::any_io_executor& executor)
    : body_(std::make_shared<Body>(executor)) {}

SocketWatch::~SocketWatch() { release(); }

void SocketWatch::watch(int socket) {
  release();
  body_->handle = socket;
}

void SocketWatch::release() {
  ++body_->wait_number;
  body_->alarm.cancel();
  body_->handle = -1;
  if (body_->socket.is_open()) {
    body_->socket.release();
  }
}

Task<bool> SocketWatch::wait(Direction direction, SteadyTime until) {
  const auto body = body_;
  const std::uint64_t number = ++body->wait_number;
  if (!body->socket.is_open()) {
    body->socket.assign(body->handle);
  }
  body->alarm.expires_at(until);
  body->alarm.async_wait([body, number](boost::system::error_code code) {
    if (!code && body->wait_number == number && body->socket.is_open()) {
      body->socket.cancel();
    }
  });
  boost::system::error_code code;
  co_await body->socket.async_wait(direction, redirect_error(use_awaitable, code));
  ++body->wait_number;
  body->alarm.cancel();
  co_return !code;
}

Task<> SocketWatch::pause(std::chrono::microseconds duration) {
  const auto body = body_;
  // A registered socket wakes the loop for all that arrives, whether somebody waits for it or not.
  if (body->socket.is_open()) {
    body->socket.release();
  }
  body->alarm.expires_after(duration);
  boost::system::error_code ignored;
  co_await body->alarm.async_wait(redirect_error(use_awaitable, ignored));
}

}  // namespace rowferry::pq
