#include "base/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace rowferry {

std::chrono::milliseconds backoff_delay(const BackoffPolicy& policy, std::uint32_t tries,
                                        double random) {
  const auto initial = static_cast<double>(policy.initial_delay.count());
  const auto most = static_cast<double>(policy.max_delay.count());
  const double full = std::min(most, initial * std::pow(policy.multiplier, tries));
  return std::chrono::milliseconds(std::llround((1 - policy.jitter * random) * full));
}

Backoff::Backoff(const BackoffPolicy& policy, std::uint64_t seed)
    : policy_(policy), random_(seed) {}

std::chrono::milliseconds Backoff::next() {
  std::uniform_real_distribution<double> uniform(0, 1);
  return backoff_delay(policy_, tries_++, uniform(random_));
}

}  // namespace rowferry
