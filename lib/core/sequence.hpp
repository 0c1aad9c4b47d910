#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>

#include "base/async.hpp"
#include "base/clock.hpp"

namespace rowferry {

/// Hands out the numbers that order everything a job writes. A number is allotted under a lock that
/// the holder keeps until its statement's first row, or its end, has arrived: so the order of
/// numbers is the order of the statements' snapshots. Numbers are max(last + 1, Unix time in
/// microseconds), and reserved: before one above the durable mark is used, a mark ten minutes ahead
/// is saved; after a restart counting starts above the mark. Neither a clock that was set back nor
/// a lost state can produce a number that was used.
class SequenceAllotter {
 public:
  /// Saves the mark; durable when it returns.
  using SaveMark = std::function<Task<>(std::int64_t mark)>;

  /// A number and the lock of the job; let the lock go once the first row has arrived.
  struct Ticket {
    std::int64_t number = 0;
    AsyncMutex::Lock lock;
  };

  /// `mark` is the mark that was durable at the start; the clock must outlive the allotter.
  SequenceAllotter(const boost::asio::any_io_executor& executor, const Clock& clock,
                   std::int64_t mark, SaveMark save_mark);

  /// Waits for the lock, and takes the next number.
  Task<Ticket> allot();

 private:
  AsyncMutex mutex_;
  const Clock& clock_;
  std::int64_t last_;
  std::int64_t mark_;
  SaveMark save_mark_;
};

}  // namespace rowferry
