#include "daemon/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <utility>

namespace rowferry {

Signals::Signals(const boost::asio::any_io_executor& executor, std::function<void()> stop,
                 std::function<void()> reload)
    : signals_(executor, SIGTERM, SIGINT, SIGHUP),
      stop_(std::move(stop)),
      reload_(std::move(reload)) {
  ::signal(SIGPIPE, SIG_IGN);
  wait();
}

void Signals::close() {
  boost::system::error_code ignored;
  signals_.cancel(ignored);
}

void Signals::wait() {
  signals_.async_wait([this](boost::system::error_code code, int number) {
    if (code) {
      return;
    }
    if (number == SIGHUP) {
      reload_();
    } else if (stopping_) {
      ::signal(number, SIG_DFL);
      ::raise(number);
    } else {
      stopping_ = true;
      stop_();
    }
    wait();
  });
}

}  // namespace rowferry
