#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace rowferry::http {

/// Calls a function once when a moment is reached, unless it is destroyed before. The function
/// aborts what the owner waits for; it runs on the event loop, and never after the destruction.
class Deadline {
 public:
  Deadline(const boost::asio::any_io_executor& executor, std::chrono::steady_clock::time_point at,
           std::function<void()> when_reached);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] bool reached() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  boost::asio::steady_timer timer_;
};

}  // namespace rowferry::http
