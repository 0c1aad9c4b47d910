#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <set>

#include "base/async.hpp"
#include "base/task.hpp"

namespace rowferry {

/// Lets tasks pass in the order in which they took their turns, whenever they arrive: for work
/// whose first part may overlap and whose second part must not.
class Turnstile {
 public:
  /// A place in the order; given up when destroyed, whether it was used or not.
  class Turn {
   public:
    explicit Turn(Turnstile& turnstile);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    /// Waits until all earlier turns are given up.
    Task<> wait();

   private:
    Turnstile& turnstile_;
    std::uint64_t number_;
  };

  explicit Turnstile(const boost::asio::any_io_executor& executor) : moved_(executor) {}

 private:
  Event moved_;
  std::uint64_t next_ = 0;
  std::set<std::uint64_t> taken_;
};

}  // namespace rowferry
