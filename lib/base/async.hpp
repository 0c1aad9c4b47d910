#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <utility>

#include "base/task.hpp"

namespace rowferry {

/// A condition that tasks on the event loop wait for. It carries no value and no memory: a waiter
/// re-checks its own predicate after each wake-up. Not for use across threads.
class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor);

  /// Wakes every task that waits now.
  void notify();

  /// Waits for the next `notify`.
  Task<> wait();

  /// Waits for the next `notify`, at most for `timeout`. True when notified.
  Task<bool> wait_for(std::chrono::steady_clock::duration timeout);

 private:
  boost::asio::steady_timer timer_;
  std::uint64_t generation_ = 0;
};

/// A mutex for tasks on the event loop, first come first served; safe to hold across an await.
class AsyncMutex {
 public:
  /// Owns the mutex; releases it when destroyed or told to.
  class Lock {
   public:
    Lock() = default;
    Lock(Lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Lock& operator=(Lock&& other) noexcept {
      release();
      mutex_ = std::exchange(other.mutex_, nullptr);
      return *this;
    }
    ~Lock() { release(); }

    void release();
    [[nodiscard]] bool owned() const { return mutex_ != nullptr; }

   private:
    friend class AsyncMutex;
    explicit Lock(AsyncMutex* mutex) : mutex_(mutex) {}
    AsyncMutex* mutex_ = nullptr;
  };

  explicit AsyncMutex(const boost::asio::any_io_executor& executor) : released_(executor) {}

  /// Waits until the mutex is free and takes it. The mutex must outlive the lock.
  Task<Lock> lock();

 private:
  Event released_;
  std::uint64_t next_ticket_ = 0;
  std::uint64_t serving_ = 0;
};

/// Child tasks whose end somebody waits for. A group must be joined before it is destroyed.
class TaskGroup {
 public:
  explicit TaskGroup(const boost::asio::any_io_executor& executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts a task on the group's executor. Its first exception is kept for `join`.
  void spawn(Task<> task);

  /// Waits until all tasks ended; throws the first exception of any of them, then forgets it.
  Task<> join();

  /// Waits until at most `count` tasks run.
  Task<> wait_until_running_at_most(std::size_t count);

  [[nodiscard]] std::size_t running() const { return running_; }
  [[nodiscard]] bool failed() const { return first_failure_ != nullptr; }

 private:
  boost::asio::any_io_executor executor_;
  Event ended_;
  std::size_t running_ = 0;
  std::exception_ptr first_failure_;
};

/// Told once that a run, a job or the program shall stop; copies share one state.
class StopToken {
 public:
  explicit StopToken(const boost::asio::any_io_executor& executor);

  /// Asks for the stop and wakes everybody who sleeps on this token.
  void request_stop();
  [[nodiscard]] bool stop_requested() const;

  /// Throws Error{cancelled} when a stop was asked for.
  void throw_if_stopped() const;

  /// Notified when the stop is asked for; lives as long as any copy of this token.
  [[nodiscard]] Event& event() const;

  /// Sleeps for `duration`, or until the stop is asked for. False when stopped.
  Task<bool> sleep_for(std::chrono::steady_clock::duration duration) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rowferry
