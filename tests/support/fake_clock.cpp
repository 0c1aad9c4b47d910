#include "tests/support/fake_clock.hpp"

#include <algorithm>

namespace rowferry::test {

/// A wait's place in the list, for as long as its task lives.
class FakeClock::Registered {
 public:
  Registered(std::list<Wait>& waits, Event& event, SteadyTime until)
      : waits_(waits), place_(waits.insert(waits.end(), Wait{&event, until, false})) {}
  ~Registered() { waits_.erase(place_); }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

  [[nodiscard]] bool over() const { return place_->over; }

 private:
  std::list<Wait>& waits_;
  std::list<Wait>::iterator place_;
};

Task<bool> FakeClock::wait_for(Event& event, std::chrono::steady_clock::duration timeout) const {
  if (timeout <= std::chrono::steady_clock::duration::zero()) {
    co_return false;
  }
  const bool endless = timeout >= SteadyTime::max() - steady_now();
  const Registered wait(waits_, event, endless ? SteadyTime::max() : steady_now() + timeout);
  co_await event.wait();
  co_return !wait.over();
}

void FakeClock::advance(std::chrono::microseconds duration) {
  wall_ += duration.count();
  steady_ += duration.count();
  for (Wait& wait : waits_) {
    if (!wait.over && wait.until <= steady_now()) {
      wait.over = true;
      wait.event->notify();
    }
  }
}

bool FakeClock::advance_to_next() {
  SteadyTime next = SteadyTime::max();
  for (const Wait& wait : waits_) {
    next = wait.over ? next : std::min(next, wait.until);
  }
  if (next == SteadyTime::max()) {
    return false;
  }
  advance(std::chrono::ceil<std::chrono::microseconds>(next - steady_now()));
  return true;
}

}  // namespace rowferry::test
