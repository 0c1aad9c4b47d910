#include "http/deadline.hpp"

#include <boost/system/error_code.hpp>
#include <utility>

namespace rowferry::http {

struct Deadline::State {
  std::function<void()> when_reached;
  bool reached = false;
  bool over = false;
};

Deadline::Deadline(const boost::asio::any_io_executor& executor,
                   std::chrono::steady_clock::time_point at, std::function<void()> when_reached)
    : state_(std::make_shared<State>()), timer_(executor, at) {
  state_->when_reached = std::move(when_reached);
  // A timer that has fired calls even after it is destroyed: the state outlives it.
  timer_.async_wait([state = state_](const boost::system::error_code& code) {
    if (!code && !state->over) {
      state->reached = true;
      state->when_reached();
    }
  });
}

Deadline::~Deadline() { state_->over = true; }

bool Deadline::reached() const { return state_->reached; }

}  // namespace rowferry::http
