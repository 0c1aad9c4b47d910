#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace rowferry {

/// How long to wait before another try.
struct BackoffPolicy {
  std::chrono::milliseconds initial_delay{500};
  double multiplier = 2;
  std::chrono::milliseconds max_delay{60'000};
  /// 0: always the full delay. 1: anything between nothing and the full delay ("full jitter", after
  /// Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
  double jitter = 1.0;
};

/// The wait before try `tries` + 1, where `random` is in [0, 1):
/// (1 - jitter * random) * min(max_delay, initial_delay * multiplier^tries).
[[nodiscard]] std::chrono::milliseconds backoff_delay(const BackoffPolicy& policy,
                                                      std::uint32_t tries, double random);

/// Counts tries and draws the waits between them.
class Backoff {
 public:
  explicit Backoff(const BackoffPolicy& policy, std::uint64_t seed = std::random_device{}());

  /// The wait before the next try; each call counts as one try.
  [[nodiscard]] std::chrono::milliseconds next();

  /// A try succeeded: the next wait is short again.
  void reset() { tries_ = 0; }

  [[nodiscard]] std::uint32_t tries() const { return tries_; }

 private:
  BackoffPolicy policy_;
  std::mt19937_64 random_;
  std::uint32_t tries_ = 0;
};

}  // namespace rowferry
