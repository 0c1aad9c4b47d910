#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "base/async.hpp"
#include "base/task.hpp"
#include "pq/session.hpp"

namespace rowferry::connections {

/// Who wants a session. One session is kept for live polls, so that backfills, first copies and
/// reconciles of other jobs never hold one up.
enum class Priority { live, background };

struct SessionPoolSettings {
  std::size_t sessions_max = 8;
  std::chrono::milliseconds idle_max{180'000};
};

/// A borrowed session. Gives it back when destroyed: a session that is not `reusable` (connection
/// lost, statement in flight, transaction open) is closed instead. May outlive the pool.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  pq::Session* operator->() const { return session_.get(); }
  pq::Session& operator*() const { return *session_; }
  [[nodiscard]] bool owned() const { return session_ != nullptr; }

  /// True for the first borrower of a session: whatever was known of the server (its incarnation)
  /// must be read again. Whoever keeps such knowledge a session compares `session->serial()`.
  [[nodiscard]] bool is_new() const { return is_new_; }

  /// Gives the session back now.
  void release();

 private:
  friend class SessionPool;
  struct Owner;

  std::shared_ptr<Owner> owner_;
  std::unique_ptr<pq::Session> session_;
  Priority priority_ = Priority::live;
  bool is_new_ = false;
};

/// The sessions of one server: opened when asked for, lent out a statement at a time, at most
/// `sessions_max`. Waiting is first come first served; of two or more sessions one is never lent
/// for background work. Used on the event loop only.
class SessionPool {
 public:
  using Open = std::function<Task<std::unique_ptr<pq::Session>>()>;

  /// `open` opens one more session; what it refers to must outlive the pool.
  SessionPool(const boost::asio::any_io_executor& executor, SessionPoolSettings settings,
              Open open);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  /// Waits for a session, opening one if need be. Throws what `open` throws; when that fails while
  /// no session works, everybody who waits gets the same error instead of a try of their own.
  Task<Lease> borrow(Priority priority);

  /// As above; a stop ends the wait with Error{cancelled}, and later each statement in the session.
  Task<Lease> borrow(Priority priority, const StopToken& stop);

  /// Closes the idle sessions; those lent out are closed when they come back.
  void close();

  /// Open sessions, lent out or idle.
  [[nodiscard]] std::size_t open_sessions() const;

  /// When any server process of this pool last sent anything.
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const;

 private:
  std::shared_ptr<Lease::Owner> owner_;
};

}  // namespace rowferry::connections
