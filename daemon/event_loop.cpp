#include "daemon/event_loop.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <thread>

namespace rowferry {
namespace {

// Connecting, sqlite and slow folders may block several threads; encoding wants every processor.
std::size_t worker_count() { return std::max(4u, std::thread::hardware_concurrency() * 2); }

}  // namespace

EventLoop::EventLoop(Log& log)
    : workers_(worker_count()), runtime_{context_.get_executor(), workers_, clock_, log} {}

void EventLoop::run(Task<> task) {
  std::exception_ptr failure;
  boost::asio::co_spawn(context_, std::move(task), [this, &failure](std::exception_ptr thrown) {
    failure = thrown;
    context_.stop();
  });
  context_.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace rowferry
