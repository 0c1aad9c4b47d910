#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <optional>

#include "base/blocking.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "core/run_context.hpp"

namespace rowferry {

/// The one event-loop thread (the caller's), the workers, and what connectors are given of them.
class EventLoop {
 public:
  explicit EventLoop(Log& log);

  [[nodiscard]] const Runtime& runtime() const { return runtime_; }
  [[nodiscard]] boost::asio::io_context& context() { return context_; }

  /// Runs the task, and everything it spawns, until it ends; rethrows its exception.
  void run(Task<> task);

 private:
  boost::asio::io_context context_{1};
  WorkerPool workers_;
  Clock clock_;
  Runtime runtime_;
};

}  // namespace rowferry
