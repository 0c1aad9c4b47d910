#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

namespace rowferry {

/// Turns signals into calls on the event loop. SIGTERM and SIGINT: `stop`; a second one ends the
/// program at once (every instant is safe to die at). SIGHUP: `reload`. SIGPIPE is ignored.
class Signals {
 public:
  Signals(const boost::asio::any_io_executor& executor, std::function<void()> stop,
          std::function<void()> reload);

  /// Stops listening, so that the event loop can run dry.
  void close();

 private:
  void wait();

  boost::asio::signal_set signals_;
  std::function<void()> stop_;
  std::function<void()> reload_;
  bool stopping_ = false;
};

}  // namespace rowferry
