#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/blocking.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "core/run_context.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::test {

/// An event loop, a worker pool, a clock and a log for one test. The log goes to a file that the
/// test may read.
class TestLoop {
 public:
  TestLoop();
  ~TestLoop();
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;

  /// Runs the loop until the task ended; returns its result or throws its exception. A task that
  /// can no longer go on, or takes more than a minute, fails.
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    const auto keep = [](Task<T> inner, std::optional<T>& outcome) -> Task<> {
      outcome.emplace(co_await std::move(inner));
    };
    run(keep(std::move(task), result));
    return std::move(*result);
  }
  void run(Task<> task);

  /// Whether `run` moves the clock to the next waiter when nothing else has happened for 2 ms.
  bool advances_when_idle = false;

  [[nodiscard]] boost::asio::any_io_executor executor() { return context_.get_executor(); }
  [[nodiscard]] FakeClock& clock() { return clock_; }
  [[nodiscard]] const Runtime& runtime() const { return runtime_; }
  /// Everything that was logged so far, from level info.
  [[nodiscard]] std::string logged();

  /// A context of a run of job `movies`, with a receipt saver that keeps the last receipt in
  /// `saved_receipt`.
  [[nodiscard]] RunContext context(std::int64_t run_seq);
  Receipt saved_receipt;

 private:
  TemporaryFolder folder_;
  boost::asio::io_context context_{1};
  WorkerPool workers_{2};
  FakeClock clock_;
  Redactor redactor_;
  std::unique_ptr<Log> log_;
  Runtime runtime_;
};

}  // namespace rowferry::test
