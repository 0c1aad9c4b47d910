#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rowferry {

/// What the caller of a failed operation can do about it.
enum class Failure {
  config,     ///< a person must change the configuration or a definition
  transient,  ///< the other side is unreachable, overloaded or refuses us: try again later
  rejected,   ///< the other side refused this request for good, and named no row
  too_large,  ///< the request (or page) was too large: try again with half of it
  stale,      ///< what was read is too old or overtaken: read again from the checkpoint, at once
  cancelled,  ///< we were asked to stop
  internal,   ///< a defect of ours, or data that breaks a promise of the other side
};

/// The word for a failure as it stands in logs and metrics.
[[nodiscard]] std::string_view to_string(Failure failure);

/// The only exception that rowferry throws. The text says what was attempted, on what, the cause
/// and what the operator can do; it never holds a secret.
class Error : public std::runtime_error {
 public:
  Error(Failure failure, const std::string& text) : std::runtime_error(text), failure_(failure) {}

  [[nodiscard]] Failure failure() const { return failure_; }

  /// A short word for the cause ("timeout", "refused", "40001") used as a metric label; never data.
  [[nodiscard]] const std::string& reason() const { return reason_; }

  /// How long the other side asked us to wait, if it did.
  [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after() const {
    return retry_after_;
  }

  /// This error with a short word for its cause.
  Error&& with_reason(std::string reason) && {
    reason_ = std::move(reason);
    return std::move(*this);
  }

  /// This error with the wait that the other side asked for.
  Error&& with_retry_after(std::chrono::milliseconds wait) && {
    retry_after_ = wait;
    return std::move(*this);
  }

 private:
  Failure failure_;
  std::string reason_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace rowferry
