#include "connections/postgres/session_pool.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <set>
#include <utility>

#include "base/error.hpp"

namespace rowferry::connections {
namespace {

using std::chrono::steady_clock;

/// How soon who waits for a session notices a stop.
constexpr std::chrono::milliseconds kStopTick{250};

/// One who waits for a session.
struct Waiter {
  Waiter(const boost::asio::any_io_executor& executor, Priority wanted)
      : woken(executor), priority(wanted) {}

  Event woken;
  Priority priority;
  bool granted = false;
  std::optional<Error> failure;
};

struct IdleSession {
  std::unique_ptr<pq::Session> session;
  SteadyTime since;
};

}  // namespace

class PoolState : public std::enable_shared_from_this<PoolState> {
 public:
  PoolState(boost::asio::any_io_executor executor, SessionPoolSettings settings,
            SessionPool::Open open)
      : executor_(std::move(executor)),
        settings_(settings),
        open_(std::move(open)),
        reap_alarm_(executor_) {}

  Task<Lease> borrow(Priority priority, std::optional<StopToken> stop);
  Task<std::optional<Lease>> try_borrow(Priority priority, SteadyTime until);
  void give_back(Lease& lease);
  void close();

  [[nodiscard]] std::size_t open_sessions() const { return idle_.size() + lent_sessions_.size(); }
  [[nodiscard]] SteadyTime last_heard() const;

 private:
  [[nodiscard]] bool may_take(Priority priority) const;
  Lease take_slot(Priority priority);
  void count_slot(Priority priority);
  void free_slot(Priority priority);
  Task<> wait_for_slot(Priority priority, const std::optional<StopToken>& stop);
  void serve_waiters();
  void fail_waiters(const Error& error);
  Task<> fill(Lease& lease, std::optional<SteadyTime> until);
  std::unique_ptr<pq::Session> take_idle();
  void lend(Lease& lease, std::unique_ptr<pq::Session> session, bool is_new);
  void arm_reaper();
  void reap();

  boost::asio::any_io_executor executor_;
  SessionPoolSettings settings_;
  SessionPool::Open open_;
  /// The longest idle first; the last is lent first, so that those not needed grow old.
  std::deque<IdleSession> idle_;
  std::set<const pq::Session*> lent_sessions_;
  std::list<std::shared_ptr<Waiter>> waiters_;
  /// Slots: lent out, or being opened.
  std::size_t taken_ = 0;
  std::size_t taken_background_ = 0;
  std::uint64_t generation_ = 0;
  SteadyTime last_heard_{};
  boost::asio::steady_timer reap_alarm_;
  bool reaper_armed_ = false;
};

bool PoolState::may_take(Priority priority) const {
  if (taken_ >= settings_.sessions_max) {
    return false;
  }
  const std::size_t kept_for_live = settings_.sessions_max > 1 ? 1 : 0;
  return priority == Priority::live || taken_background_ + kept_for_live < settings_.sessions_max;
}

void PoolState::count_slot(Priority priority) {
  ++taken_;
  taken_background_ += priority == Priority::background ? 1 : 0;
}

void PoolState::free_slot(Priority priority) {
  --taken_;
  taken_background_ -= priority == Priority::background ? 1 : 0;
  serve_waiters();
}

Lease PoolState::take_slot(Priority priority) {
  Lease lease;
  lease.pool_ = shared_from_this();
  lease.priority_ = priority;
  lease.pool_generation_ = generation_;
  return lease;
}

void PoolState::serve_waiters() {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    if (may_take((*waiter)->priority)) {
      count_slot((*waiter)->priority);
      (*waiter)->granted = true;
      (*waiter)->woken.notify();
      waiter = waiters_.erase(waiter);
    } else {
      ++waiter;
    }
  }
}

void PoolState::fail_waiters(const Error& error) {
  for (const auto& waiter : waiters_) {
    waiter->failure = error;
    waiter->woken.notify();
  }
  waiters_.clear();
}

Task<> PoolState::wait_for_slot(Priority priority, const std::optional<StopToken>& stop) {
  const auto waiter = std::make_shared<Waiter>(executor_, priority);
  waiters_.push_back(waiter);
  serve_waiters();
  while (!waiter->granted && !waiter->failure) {
    if (stop && stop->stop_requested()) {
      waiters_.remove(waiter);
      throw Error(Failure::cancelled, "waiting for a session: stopped on request");
    }
    co_await waiter->woken.wait_for(kStopTick);
  }
  if (waiter->failure) {
    throw *waiter->failure;
  }
}

Task<Lease> PoolState::borrow(Priority priority, std::optional<StopToken> stop) {
  const auto self = shared_from_this();
  if (stop) {
    stop->throw_if_stopped();
  }
  co_await wait_for_slot(priority, stop);
  Lease lease = take_slot(priority);
  co_await fill(lease, std::nullopt);
  if (stop) {
    lease->stop_with(*stop);
  }
  co_return lease;
}

Task<std::optional<Lease>> PoolState::try_borrow(Priority priority, SteadyTime until) {
  const auto self = shared_from_this();
  if (!may_take(priority)) {
    co_return std::nullopt;
  }
  count_slot(priority);
  Lease lease = take_slot(priority);
  co_await fill(lease, until);
  co_return std::optional<Lease>(std::move(lease));
}

std::unique_ptr<pq::Session> PoolState::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<pq::Session> session = std::move(idle_.back().session);
    idle_.pop_back();
    if (session->reusable()) {
      return session;
    }
  }
  return nullptr;
}

void PoolState::lend(Lease& lease, std::unique_ptr<pq::Session> session, bool is_new) {
  lent_sessions_.insert(session.get());
  last_heard_ = std::max(last_heard_, session->last_heard());
  lease.session_ = std::move(session);
  lease.is_new_ = is_new;
}

Task<> PoolState::fill(Lease& lease, std::optional<SteadyTime> until) {
  std::unique_ptr<pq::Session> session = take_idle();
  if (session != nullptr) {
    lend(lease, std::move(session), false);
    co_return;
  }
  try {
    session = co_await open_(until);
  } catch (const Error& error) {
    // With a session that works the others wait for that one (too many clients, say).
    if (!until && open_sessions() == 0) {
      fail_waiters(error);
    }
    throw;
  }
  lend(lease, std::move(session), true);
}

void PoolState::give_back(Lease& lease) {
  std::unique_ptr<pq::Session> session = std::move(lease.session_);
  if (session != nullptr) {
    lent_sessions_.erase(session.get());
    last_heard_ = std::max(last_heard_, session->last_heard());
    session->forget_stop();
    if (lease.pool_generation_ == generation_ && session->reusable()) {
      idle_.push_back(IdleSession{std::move(session), steady_clock::now()});
      arm_reaper();
    }
  }
  session.reset();
  free_slot(lease.priority_);
}

void PoolState::close() {
  ++generation_;
  idle_.clear();
  reap_alarm_.cancel();
}

SteadyTime PoolState::last_heard() const {
  SteadyTime latest = last_heard_;
  for (const pq::Session* session : lent_sessions_) {
    latest = std::max(latest, session->last_heard());
  }
  return latest;
}

void PoolState::arm_reaper() {
  if (reaper_armed_ || idle_.empty()) {
    return;
  }
  reaper_armed_ = true;
  reap_alarm_.expires_at(idle_.front().since + settings_.idle_max);
  reap_alarm_.async_wait([weak = weak_from_this()](boost::system::error_code /*code*/) {
    if (const auto self = weak.lock()) {
      self->reaper_armed_ = false;
      self->reap();
    }
  });
}

void PoolState::reap() {
  const SteadyTime oldest_kept = steady_clock::now() - settings_.idle_max;
  while (!idle_.empty() && idle_.front().since <= oldest_kept) {
    idle_.pop_front();
  }
  arm_reaper();
}

Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      session_(std::move(other.session_)),
      priority_(other.priority_),
      pool_generation_(other.pool_generation_),
      is_new_(other.is_new_) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::exchange(other.pool_, nullptr);
    session_ = std::move(other.session_);
    priority_ = other.priority_;
    pool_generation_ = other.pool_generation_;
    is_new_ = other.is_new_;
  }
  return *this;
}

Lease::~Lease() { release(); }

void Lease::release() {
  if (const auto pool = std::exchange(pool_, nullptr)) {
    pool->give_back(*this);
  }
}

SessionPool::SessionPool(const boost::asio::any_io_executor& executor, SessionPoolSettings settings,
                         Open open)
    : state_(std::make_shared<PoolState>(executor, settings, std::move(open))) {}

SessionPool::~SessionPool() { state_->close(); }

Task<Lease> SessionPool::borrow(Priority priority) {
  return state_->borrow(priority, std::nullopt);
}

Task<Lease> SessionPool::borrow(Priority priority, const StopToken& stop) {
  return state_->borrow(priority, stop);
}

Task<std::optional<Lease>> SessionPool::try_borrow(Priority priority, SteadyTime until) {
  return state_->try_borrow(priority, until);
}

void SessionPool::close() { state_->close(); }

std::size_t SessionPool::open_sessions() const { return state_->open_sessions(); }

SteadyTime SessionPool::last_heard() const { return state_->last_heard(); }

}  // namespace rowferry::connections
