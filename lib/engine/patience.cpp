#include "engine/patience.hpp"

#include <algorithm>
#include <utility>

namespace rowferry {

using std::chrono::milliseconds;

Patience::Patience(const RetryPolicy& policy)
    : give_up_after_(policy.give_up_after),
      backoff_({policy.initial_delay, policy.multiplier, policy.max_delay, policy.jitter}) {}

void Patience::succeeded() {
  failing_since_.reset();
  backoff_.reset();
  was_stale_ = false;
}

std::optional<milliseconds> Patience::after(const Error& error, SteadyTime now) {
  if (!failing_since_) {
    failing_since_ = now;
  }
  const bool was_stale = std::exchange(was_stale_, error.failure() == Failure::stale);
  if (was_stale_ && !was_stale) {
    return milliseconds(0);
  }
  const milliseconds wait =
      std::max(backoff_.next(), error.retry_after().value_or(milliseconds(0)));
  if (!give_up_after_) {
    return wait;
  }
  // The last attempt is made when the time is over, not before.
  const auto left = std::chrono::ceil<milliseconds>(*failing_since_ + *give_up_after_ - now);
  return left <= milliseconds(0) ? std::nullopt : std::optional(std::min(wait, left));
}

}  // namespace rowferry
