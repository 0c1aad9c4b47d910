#include "engine/deliver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <optional>
#include <set>
#include <string>

#include "base/backoff.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"

namespace rowferry {
namespace {

using std::chrono::milliseconds;

// A server that takes no row for so long does not take any: the job backs off and says so.
constexpr std::chrono::seconds kPatience{10};

/// Rows of the original batch that are sent together.
struct Part {
  std::vector<std::size_t> rows;
};

/// One batch on its way.
class Delivery {
 public:
  Delivery(const Batch& batch, const DeliveryTools& tools)
      : batch_(batch),
        tools_(tools),
        takes_removals_(tools.sink.traits().takes_removals),
        backoff_(policy(tools.retry)) {}

  Task<Delivered> run();

 private:
  static BackoffPolicy policy(const RetryPolicy& retry) {
    return {retry.initial_delay, retry.multiplier, retry.max_delay, retry.jitter};
  }

  void plan();
  Task<> send(Part part);
  Task<WriteResult> write(const Part& part);
  void sort_out(const Part& part, const WriteResult& result);
  void refuse(std::size_t row, std::string reason);
  void split(const Part& part);
  Task<> wait_before_retry();
  Delivered summary();

  const Batch& batch_;
  const DeliveryTools& tools_;
  const bool takes_removals_;
  Backoff backoff_;
  std::deque<Part> parts_;
  /// Rows to be sent again, and the longest wait that was asked for them.
  Part again_;
  milliseconds again_after_{0};
  std::string again_reason_;
  /// Since when no row was taken although some were wanted again.
  std::optional<SteadyTime> waiting_since_;
  Batch copy_;
  Delivered delivered_;
};

Task<Delivered> Delivery::run() {
  plan();
  while (!parts_.empty() || !again_.rows.empty()) {
    if (parts_.empty()) {
      co_await wait_before_retry();
      parts_.push_back(std::exchange(again_, {}));
    }
    Part part = std::move(parts_.front());
    parts_.pop_front();
    co_await send(std::move(part));
  }
  co_return summary();
}

// What is sent: everything but what the source found unfit and what the sink has no use for.
void Delivery::plan() {
  std::set<std::size_t> unfit;
  for (const RowIssue& issue : batch_.issues) {
    if (unfit.insert(issue.row).second) {
      refuse(issue.row, issue.reason);
    }
  }
  Part part;
  for (std::size_t row = 0; row < batch_.rows(); ++row) {
    const bool means_nothing = !takes_removals_ && batch_.operation(row) == Operation::remove;
    if (!means_nothing && !unfit.contains(row)) {
      part.rows.push_back(row);
    }
  }
  if (!part.rows.empty()) {
    parts_.push_back(std::move(part));
  }
}

Task<> Delivery::send(Part part) {
  std::optional<Error> refusal;
  try {
    const WriteResult result = co_await write(part);
    sort_out(part, result);
  } catch (const Error& error) {
    if (error.failure() != Failure::too_large && error.failure() != Failure::rejected) {
      throw;
    }
    refusal = error;
  }
  if (!refusal) {
    co_return;
  }
  if (part.rows.size() == 1) {
    refuse(part.rows.front(), refusal->what());
  } else {
    split(part);
  }
}

Task<WriteResult> Delivery::write(const Part& part) {
  const Batch* sent = &batch_;
  if (part.rows.size() < batch_.rows()) {
    batch_.copy_rows(0, 0, copy_);
    for (const std::size_t row : part.rows) {
      batch_.append_row_to(row, copy_);
    }
    sent = &copy_;
  }
  failpoint("deliver.before_write");
  const SteadyTime begun = tools_.runtime.clock.steady_now();
  WriteResult result = co_await tools_.sink.write(*sent);
  tools_.on_write(tools_.runtime.clock.steady_now() - begun);
  failpoint("deliver.written");
  co_return result;
}

void Delivery::sort_out(const Part& part, const WriteResult& result) {
  std::vector<bool> taken(part.rows.size(), true);
  for (const RowIssue& issue : result.issues) {
    taken[issue.row] = false;
    const std::size_t row = part.rows[issue.row];
    if (issue.retry) {
      again_.rows.push_back(row);
      again_after_ = std::max(again_after_, issue.retry_after);
      again_reason_ = issue.reason;
    } else {
      refuse(row, issue.reason);
    }
  }
  for (std::size_t index = 0; index < taken.size(); ++index) {
    if (taken[index]) {
      const bool removal = batch_.operation(part.rows[index]) == Operation::remove;
      ++(removal ? delivered_.counters.rows_deleted : delivered_.counters.rows_written);
      waiting_since_.reset();
    }
  }
  delivered_.counters.bytes_written += static_cast<std::int64_t>(result.bytes);
}

void Delivery::refuse(std::size_t row, std::string reason) {
  RowIssue issue;
  issue.row = row;
  issue.reason = std::move(reason);
  delivered_.rejected.push_back(std::move(issue));
}

// The first half goes first: rows of one key stay in order.
void Delivery::split(const Part& part) {
  const auto middle = part.rows.begin() + static_cast<std::ptrdiff_t>(part.rows.size() / 2);
  parts_.push_front(Part{{middle, part.rows.end()}});
  parts_.push_front(Part{{part.rows.begin(), middle}});
}

Task<> Delivery::wait_before_retry() {
  const Clock& clock = tools_.runtime.clock;
  const milliseconds wait = std::max(backoff_.next(), std::exchange(again_after_, {}));
  if (!waiting_since_) {
    waiting_since_ = clock.steady_now();
  }
  if (clock.steady_now() + wait > *waiting_since_ + std::max<milliseconds>(kPatience, wait)) {
    throw Error(
        Failure::transient,
        fmt::format("the sink did not take {} rows of a batch for {} s; it says: {}",
                    again_.rows.size(), std::chrono::seconds(kPatience).count(), again_reason_))
        .with_reason("rows_not_taken");
  }
  tools_.on_retry(again_reason_);
  std::sort(again_.rows.begin(), again_.rows.end());
  const SteadyTime until = clock.steady_now() + wait;
  while (!tools_.stop.stop_requested() && clock.steady_now() < until) {
    co_await clock.wait_for(tools_.stop.event(), until - clock.steady_now());
  }
  tools_.stop.throw_if_stopped();
}

Delivered Delivery::summary() {
  std::sort(delivered_.rejected.begin(), delivered_.rejected.end(),
            [](const RowIssue& left, const RowIssue& right) { return left.row < right.row; });
  Counters& counters = delivered_.counters;
  counters.rows_read = static_cast<std::int64_t>(batch_.rows());
  counters.bytes_read = static_cast<std::int64_t>(batch_.bytes());
  counters.rows_rejected = static_cast<std::int64_t>(delivered_.rejected.size());
  return std::move(delivered_);
}

}  // namespace

Task<Delivered> deliver(const Batch& batch, const DeliveryTools& tools) {
  Delivery delivery(batch, tools);
  co_return co_await delivery.run();
}

}  // namespace rowferry
