#include "base/async.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.hpp"

namespace rowferry {
namespace {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using std::chrono::steady_clock;

}  // namespace

Event::Event(const boost::asio::any_io_executor& executor)
    : timer_(executor, steady_clock::time_point::max()) {}

void Event::notify() {
  ++generation_;
  timer_.cancel();
}

Task<> Event::wait() {
  const std::uint64_t seen = generation_;
  boost::system::error_code ignored;
  while (generation_ == seen) {
    co_await timer_.async_wait(redirect_error(use_awaitable, ignored));
  }
}

Task<bool> Event::wait_for(steady_clock::duration timeout) {
  const std::uint64_t seen = generation_;
  // The alarm may still be queued when this task and even this event are gone.
  struct Alarm {
    bool rang = false;
    bool over = false;
  };
  const auto alarm = std::make_shared<Alarm>();
  boost::asio::steady_timer clock(timer_.get_executor(), timeout);
  clock.async_wait([this, alarm](boost::system::error_code code) {
    if (!code && !alarm->over) {
      alarm->rang = true;
      timer_.cancel();
    }
  });
  boost::system::error_code ignored;
  while (generation_ == seen && !alarm->rang) {
    co_await timer_.async_wait(redirect_error(use_awaitable, ignored));
  }
  alarm->over = true;
  co_return generation_ != seen;
}

void AsyncMutex::Lock::release() {
  if (mutex_ != nullptr) {
    AsyncMutex* mutex = std::exchange(mutex_, nullptr);
    ++mutex->serving_;
    mutex->released_.notify();
  }
}

Task<AsyncMutex::Lock> AsyncMutex::lock() {
  const std::uint64_t ticket = next_ticket_++;
  while (serving_ != ticket) {
    co_await released_.wait();
  }
  co_return Lock(this);
}

TaskGroup::TaskGroup(const boost::asio::any_io_executor& executor)
    : executor_(executor), ended_(executor) {}

void TaskGroup::spawn(Task<> task) {
  ++running_;
  boost::asio::co_spawn(executor_, std::move(task), [this](std::exception_ptr failure) {
    --running_;
    if (failure && !first_failure_) {
      first_failure_ = failure;
    }
    ended_.notify();
  });
}

Task<> TaskGroup::join() {
  co_await wait_until_running_at_most(0);
  if (first_failure_) {
    std::rethrow_exception(std::exchange(first_failure_, nullptr));
  }
}

Task<> TaskGroup::wait_until_running_at_most(std::size_t count) {
  while (running_ > count) {
    co_await ended_.wait();
  }
}

struct StopToken::State {
  explicit State(const boost::asio::any_io_executor& executor) : asked(executor) {}
  bool stopped = false;
  Event asked;
};

StopToken::StopToken(const boost::asio::any_io_executor& executor)
    : state_(std::make_shared<State>(executor)) {}

void StopToken::request_stop() {
  state_->stopped = true;
  state_->asked.notify();
}

bool StopToken::stop_requested() const { return state_->stopped; }

void StopToken::throw_if_stopped() const {
  if (state_->stopped) {
    throw Error(Failure::cancelled, "stopped on request");
  }
}

Event& StopToken::event() const { return state_->asked; }

Task<bool> StopToken::sleep_for(steady_clock::duration duration) const {
  const auto state = state_;
  if (!state->stopped) {
    co_await state->asked.wait_for(duration);
  }
  co_return !state->stopped;
}

}  // namespace rowferry
