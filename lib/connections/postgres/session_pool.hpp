#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "pq/session.hpp"

namespace rowferry::connections {

/// Who wants a session. One session is kept for live polls, so that backfills, first copies and
/// reconciles of other jobs never hold one up.
enum class Priority { live, background };

/// The limits of a pool.
struct SessionPoolSettings {
  std::size_t sessions_max = 8;
  /// An idle session is closed after this long.
  std::chrono::milliseconds idle_max{180'000};
};

/// The state of a pool, shared with the sessions lent out.
class PoolState;

/// A borrowed session. Gives it back when destroyed: a session that is not `reusable` (connection
/// lost, statement in flight, transaction open) is closed instead. May outlive the pool. Whatever
/// reads from the session (a CopyReader) must be gone before.
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
  friend class PoolState;

  std::shared_ptr<PoolState> pool_;
  std::unique_ptr<pq::Session> session_;
  Priority priority_ = Priority::live;
  std::uint64_t pool_generation_ = 0;
  bool is_new_ = false;
};

/// The sessions of one server: opened when asked for, lent out a statement at a time, at most
/// `sessions_max`. Waiting is first come first served; of two or more sessions one is never lent
/// for background work. Used on the event loop only.
class SessionPool {
 public:
  /// Opens one more session, by the deadline if there is one.
  using Open = std::function<Task<std::unique_ptr<pq::Session>>(std::optional<SteadyTime> until)>;

  /// What `open` refers to must outlive the pool and everybody who waits for a session.
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

  /// A session without waiting for one to come back; a new one opens until the deadline, and its
  /// failure is nobody else's. Nothing when all are lent out.
  Task<std::optional<Lease>> try_borrow(Priority priority, SteadyTime until);

  /// Closes the idle sessions; those lent out are closed when they come back. Borrowing again opens
  /// new ones.
  void close();

  /// Open sessions, lent out or idle.
  [[nodiscard]] std::size_t open_sessions() const;

  /// When the server last said anything in any session of this pool.
  [[nodiscard]] SteadyTime last_heard() const;

 private:
  std::shared_ptr<PoolState> state_;
};

}  // namespace rowferry::connections
