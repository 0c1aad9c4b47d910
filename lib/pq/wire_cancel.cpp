// How a statement in flight is ended early.
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "pq/wire.hpp"

namespace rowferry::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// For a cancel request, and for the statement to end after it.
constexpr milliseconds kCancelTime{5000};
/// A server that is silent for so long after a cancel request is asked again.
constexpr milliseconds kAskAgain{500};

constexpr milliseconds kLookForReply{2};

/// Throws away what is buffered of a COPY; true when the stream has ended.
bool discard_copy(PGconn* connection) {
  char* block = nullptr;
  int size = PQgetCopyData(connection, &block, 1);
  while (size > 0) {
    PQfreemem(block);
    size = PQgetCopyData(connection, &block, 1);
  }
  return size < 0;
}

/// PQcancel blocks until the server has closed the connection that it makes, which a server that
/// hangs never does; no deadline can be given. So it gets a thread of its own, which touches
/// nothing but what it shares in the ownership of, and which nobody needs to wait for. False: no
/// thread.
bool send_on_a_thread(std::shared_ptr<PGcancel> request, std::shared_ptr<std::atomic<bool>> sent) {
  try {
    std::thread([request = std::move(request), sent = std::move(sent)] {
      std::array<char, 256> complaint{};
      PQcancel(request.get(), complaint.data(), static_cast<int>(complaint.size()));
      *sent = true;
    }).detach();
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

}  // namespace

Task<> Wire::cancel() {
  if (busy_ && !broken_) {
    cancel_asked_ = true;
    cancel_until_ = steady_clock::now() + kCancelTime;
    co_await request_cancel();
  }
}

Task<bool> Wire::request_cancel() {
  std::shared_ptr<PGcancel> request(PQgetCancel(connection_.get()), &PQfreeCancel);
  const auto sent = std::make_shared<std::atomic<bool>>(false);
  if (request == nullptr || !send_on_a_thread(std::move(request), sent)) {
    co_return false;
  }
  const auto in_flight = cancels_in_flight_;
  ++*in_flight;
  // From here on this session may be gone: another task may have asked for the cancel.
  SocketWatch clock(environment_.executor);
  const SteadyTime until = steady_clock::now() + kCancelTime;
  while (!*sent && steady_clock::now() < until) {
    co_await clock.pause(kLookForReply);
  }
  // A request that is still on its way stays counted: it could hit whatever runs here later.
  *in_flight -= *sent ? 1 : 0;
  co_return *sent;
}

Task<> Wire::abandon() {
  if (!busy_ || broken_) {
    co_return;
  }
  cancel_asked_ = true;
  const bool sent = co_await request_cancel();
  const bool ended = sent && co_await drain(steady_clock::now() + kCancelTime);
  if (!ended) {
    break_off();
  }
  end_statement();
}

Task<bool> Wire::drain(SteadyTime until) {
  for (SteadyTime now = steady_clock::now(); now < until && !broken_; now = steady_clock::now()) {
    if (discard_buffered()) {
      co_return true;
    }
    bool silent = false;
    if (waiting_bytes() == 0 && !tls_holds_bytes()) {
      const bool heard =
          co_await socket_.wait(SocketWatch::kRead, std::min(until, now + kAskAgain));
      silent = !heard;
    }
    if (silent && !co_await request_cancel()) {
      // The one before may have come to the server ahead of the statement.
      co_return false;
    }
    read_available();
  }
  co_return false;
}

bool Wire::discard_buffered() {
  while (PQisBusy(connection_.get()) == 0) {
    const ResultHandle result(PQgetResult(connection_.get()));
    if (result == nullptr) {
      return true;
    }
    if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
      break_off();
      return false;
    }
    if (PQresultStatus(result.get()) == PGRES_COPY_OUT && !discard_copy(connection_.get())) {
      return false;
    }
  }
  return false;
}

}  // namespace rowferry::pq
