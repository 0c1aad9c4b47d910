#include "core/sequence.hpp"

#include <algorithm>
#include <chrono>

#include "base/failpoint.hpp"

namespace rowferry {
namespace {

constexpr std::int64_t kReserved = std::chrono::microseconds(std::chrono::minutes(10)).count();

}  // namespace

SequenceAllotter::SequenceAllotter(const boost::asio::any_io_executor& executor, const Clock& clock,
                                   std::int64_t mark, SaveMark save_mark)
    : mutex_(executor), clock_(clock), last_(mark), mark_(mark), save_mark_(std::move(save_mark)) {}

Task<SequenceAllotter::Ticket> SequenceAllotter::allot() {
  Ticket ticket;
  ticket.lock = co_await mutex_.lock();
  const std::int64_t now = clock_.wall_now().time_since_epoch().count();
  ticket.number = std::max(last_ + 1, now);
  if (ticket.number > mark_) {
    const std::int64_t mark = ticket.number + kReserved;
    co_await save_mark_(mark);
    mark_ = mark;
    failpoint("sequence.reserved");
  }
  last_ = ticket.number;
  co_return ticket;
}

}  // namespace rowferry
