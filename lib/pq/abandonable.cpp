#include "pq/abandonable.hpp"

#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "base/async.hpp"

namespace rowferry::pq {
namespace {

struct Progress {
  explicit Progress(const boost::asio::any_io_executor& executor) : event(executor) {}
  Event event;
  bool ended = false;
};

}  // namespace

Task<bool> run_abandonable(WorkerPool& workers, boost::asio::any_io_executor executor,
                           std::function<void()> work, SteadyTime until) {
  const auto progress = std::make_shared<Progress>(executor);
  boost::asio::post(workers, [progress, executor, work = std::move(work)]() mutable {
    work();
    // What the work holds goes first: whoever waits may count on it.
    work = nullptr;
    boost::asio::post(executor, [progress = std::move(progress)] {
      progress->ended = true;
      progress->event.notify();
    });
  });
  while (!progress->ended) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) {
      break;
    }
    co_await progress->event.wait_for(left);
  }
  co_return progress->ended;
}

}  // namespace rowferry::pq
