#include "base/clock.hpp"

#include "base/async.hpp"

namespace rowferry {

Task<bool> Clock::wait_for(Event& event, std::chrono::steady_clock::duration timeout) const {
  co_return co_await event.wait_for(timeout);
}

}  // namespace rowferry
