#include "http/client.hpp"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/async.hpp"
#include "base/error.hpp"
#include "http/dial.hpp"
#include "http/exchange.hpp"
#include "http/tls_context.hpp"

namespace rowferry::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kLargeBodyBytes = 1u << 20;

struct Idle {
  std::unique_ptr<Stream> stream;
  steady_clock::time_point since;
};

}  // namespace

struct Client::Pool {
  /// One of the connections that a client may have at once.
  class Seat {
   public:
    explicit Seat(Pool& pool) : pool_(pool) { ++pool_.busy; }
    ~Seat() {
      --pool_.busy;
      pool_.released.notify();
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

   private:
    Pool& pool_;
  };

  Pool(const boost::asio::any_io_executor& the_executor, WorkerPool& the_workers,
       ClientSettings the_settings)
      : executor(the_executor),
        workers(the_workers),
        settings(std::move(the_settings)),
        released(the_executor) {}

  /// A connection that still stands, or null.
  std::unique_ptr<Stream> take_idle() {
    forget_old();
    while (!idle.empty()) {
      auto stream = std::move(idle.back().stream);
      idle.pop_back();
      if (stream->is_quiet()) {
        return stream;
      }
    }
    return nullptr;
  }

  void forget_old() {
    const auto oldest = steady_clock::now() - settings.idle_max;
    std::erase_if(idle, [oldest](const Idle& entry) { return entry.since < oldest; });
  }

  Task<std::unique_ptr<Stream>> open(steady_clock::time_point deadline) {
    if (settings.endpoint.tls && !tls) {
      auto load = [file = settings.ca_file.string()] {
        return std::make_shared<const TlsContext>(file);
      };
      tls = co_await run_blocking(workers, std::move(load));
    }
    const auto until = std::min(deadline, steady_clock::now() + settings.connect_timeout_max);
    co_return co_await dial(executor, workers, settings.endpoint, tls.get(), until);
  }

  boost::asio::any_io_executor executor;
  WorkerPool& workers;
  ClientSettings settings;
  std::shared_ptr<const TlsContext> tls;
  std::vector<Idle> idle;
  std::size_t busy = 0;
  Event released;
};

Client::Client(const boost::asio::any_io_executor& executor, WorkerPool& workers,
               ClientSettings settings)
    : pool_(std::make_unique<Pool>(executor, workers, std::move(settings))) {}
Client::Client(Client&&) noexcept = default;
Client::~Client() = default;

const Endpoint& Client::endpoint() const { return pool_->settings.endpoint; }

Task<Response> Client::send(Request request) {
  Pool& pool = *pool_;
  while (pool.busy >= pool.settings.connections_max) {
    co_await pool.released.wait();
  }
  const Pool::Seat seat(pool);
  const auto deadline = steady_clock::now() + request.timeout;
  auto stream = pool.take_idle();
  bool is_kept = stream != nullptr;
  if (!is_kept) {
    stream = co_await pool.open(deadline);
  }
  Outcome outcome = co_await exchange(pool.executor, *stream, endpoint(), request, deadline);
  if (is_kept && outcome.died_silently && request.repeatable == Repeatable::yes) {
    is_kept = false;
    stream = co_await pool.open(deadline);
    outcome = co_await exchange(pool.executor, *stream, endpoint(), request, deadline);
  }
  if (outcome.failure) {
    const bool cut_short = !is_kept && outcome.died_silently && outcome.was_reset &&
                           request.body.size() >= kLargeBodyBytes;
    throw cut_short ? std::move(*outcome.failure).with_reason("closed_while_sending")
                    : std::move(*outcome.failure);
  }
  if (outcome.keeps_connection) {
    pool.idle.push_back({std::move(stream), steady_clock::now()});
  }
  co_return std::move(*outcome.response);
}

void Client::close_idle() { pool_->idle.clear(); }

}  // namespace rowferry::http
