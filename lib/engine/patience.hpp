#pragma once

#include <chrono>
#include <optional>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "core/job_definition.hpp"

namespace rowferry {

/// How long a job waits after a failed attempt, and when it gives up: a pure function of the
/// failures and their times (but for the jitter).
class Patience {
 public:
  explicit Patience(const RetryPolicy& policy);

  /// Where the policy never gives up, it does after `limit`.
  void limit(std::chrono::milliseconds limit) { give_up_after_ = give_up_after_.value_or(limit); }

  /// An attempt got somewhere: a commit, or a poll that found nothing.
  void succeeded();

  /// The wait before the next attempt; nothing: `give_up_after` has passed without a success.
  /// What is stale is read again at once, but only once in a row.
  [[nodiscard]] std::optional<std::chrono::milliseconds> after(const Error& error, SteadyTime now);

  /// Whether the last attempt failed.
  [[nodiscard]] bool is_failing() const { return failing_since_.has_value(); }

 private:
  std::optional<std::chrono::milliseconds> give_up_after_;
  Backoff backoff_;
  std::optional<SteadyTime> failing_since_;
  bool was_stale_ = false;
};

}  // namespace rowferry
