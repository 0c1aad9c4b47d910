#include "pq/wire.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <utility>
#include <vector>

#include "pq/failure.hpp"

namespace rowferry::pq {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Bytes inside an encrypted stream do not show at the socket, and a stop does not either.
constexpr milliseconds kTick{500};
/// While a long statement is sent the server may have something to say first.
constexpr milliseconds kSendTick{50};
/// The server's own statement_timeout comes first, if the server still turns.
constexpr milliseconds kGrace{5000};
/// A full buffer of libpq is doubled by the next read: it stays small enough for the processor's
/// caches when it is emptied after so many bytes.
constexpr std::size_t kReadBytesMax = 64u << 10;
/// After so many reads that found bytes waiting, other tasks of the loop get their turn.
constexpr int kReadsWithoutWaitMax = 16;

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

bool failed(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE ||
         status == PGRES_NONFATAL_ERROR;
}

bool is_copy(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH;
}

std::int64_t affected_rows(PGresult* result) {
  return result == nullptr ? 0 : std::strtoll(PQcmdTuples(result), nullptr, 10);
}

bool has_zero_byte(const Statement& statement) {
  const auto holds = [](const std::optional<std::string>& text) {
    return text && text->find('\0') != std::string::npos;
  };
  return statement.sql.find('\0') != std::string::npos ||
         std::any_of(statement.parameters.begin(), statement.parameters.end(), holds);
}

bool send(PGconn* connection, const Statement& statement) {
  if (statement.parameters.empty()) {
    return PQsendQuery(connection, statement.sql.c_str()) != 0;
  }
  std::vector<const char*> values;
  values.reserve(statement.parameters.size());
  for (const std::optional<std::string>& parameter : statement.parameters) {
    values.push_back(parameter ? parameter->c_str() : nullptr);
  }
  return PQsendQueryParams(connection, statement.sql.c_str(), static_cast<int>(values.size()),
                           nullptr, values.data(), nullptr, nullptr, 0) != 0;
}

}  // namespace

Wire::Wire(ConnectionHandle connection, const ConnectSettings& settings, Environment environment)
    : settings_(settings),
      environment_(std::move(environment)),
      connection_(std::move(connection)),
      socket_(environment_.executor),
      serial_(next_serial()),
      last_heard_(steady_clock::now()),
      cancels_in_flight_(std::make_shared<int>(0)) {
  settings_.password = Secret();
  settings_.dsn.clear();
  socket_.watch(PQsocket(connection_.get()));
  PQsetNoticeReceiver(connection_.get(), &Wire::receive_notice, this);
}

Wire::~Wire() { socket_.release(); }

void Wire::receive_notice(void* wire, const pg_result* notice) {
  const Wire& self = *static_cast<const Wire*>(wire);
  self.environment_.log.debug(
      "server notice", {{"connection", self.settings_.name}, {"text", message_of(notice).text}});
}

Task<> Wire::start(const Statement& statement) {
  purpose_ = statement.purpose;
  if (broken_) {
    throw lost();
  }
  if (busy_ || has_zero_byte(statement)) {
    throw Error(Failure::internal,
                fmt::format("{}: {}", what(),
                            busy_ ? "the session is busy" : "a zero byte in the statement"));
  }
  if (stop_ && stop_->stop_requested()) {
    throw Error(Failure::cancelled, fmt::format("{}: stopped on request", what()));
  }
  timeout_ = statement.timeout;
  drop_when_late_ = statement.drop_when_late;
  started_ = steady_clock::now();
  cancel_asked_ = false;
  cancel_until_ = SteadyTime::max();
  if (!send(connection_.get(), statement)) {
    break_off();
    throw lost();
  }
  busy_ = true;
  co_await flush();
}

Task<> Wire::flush() {
  const SteadyTime until = deadline_from(started_);
  int unsent = PQflush(connection_.get());
  while (unsent > 0) {
    const SteadyTime now = steady_clock::now();
    if (now >= until) {
      break_off();
      throw Error(Failure::transient, fmt::format("{}: the server takes no more bytes", what()))
          .with_reason("timeout");
    }
    co_await socket_.wait(SocketWatch::kWrite, std::min(until, now + kSendTick));
    read_available();
    unsent = broken_ ? -1 : PQflush(connection_.get());
  }
  if (unsent < 0) {
    break_off();
    throw lost();
  }
}

Task<ResultHandle> Wire::next_result() {
  const SteadyTime until = deadline_from(started_);
  while (!broken_ && PQisBusy(connection_.get()) != 0) {
    co_await input(until);
  }
  ResultHandle result(PQgetResult(connection_.get()));
  if (PQstatus(connection_.get()) == CONNECTION_BAD) {
    break_off();
  }
  if (result == nullptr) {
    end_statement();
  }
  co_return result;
}

Task<> Wire::finish() {
  std::optional<Error> failure;
  co_await read_rest(failure);
  if (failure) {
    throw *failure;
  }
}

Task<> Wire::read_rest(std::optional<Error>& failure) {
  ResultHandle result = co_await next_result();
  while (result != nullptr) {
    if (is_copy(result.get())) {
      break_off();
      throw Error(Failure::internal, fmt::format("{}: an unexpected COPY", what()));
    }
    if (!failure && failed(result.get())) {
      failure = complaint(result.get());
    }
    result = co_await next_result();
  }
}

Task<> Wire::input(SteadyTime until) {
  const SteadyTime now = steady_clock::now();
  if (stop_ && stop_->stop_requested()) {
    const Error stopped(Failure::cancelled, fmt::format("{}: stopped on request", what()));
    co_await end_for(stopped);
  }
  if (now >= cancel_until_) {
    break_off();
    throw Error(Failure::cancelled, fmt::format("{}: cancelled", what())).with_reason("cancelled");
  }
  if (now >= until) {
    const auto waited = std::chrono::duration_cast<milliseconds>(now - started_);
    const Error late = Error(Failure::transient, fmt::format("{}: no answer after {} ms; look for "
                                                             "locks and load on the server",
                                                             what(), waited.count()))
                           .with_reason("timeout");
    co_await end_for(late);
  }
  if ((waiting_bytes() > 0 || tls_holds_bytes()) && ++reads_without_wait_ < kReadsWithoutWaitMax) {
    read_available();
    co_return;
  }
  reads_without_wait_ = 0;
  const SteadyTime look_again = std::min(std::min(until, cancel_until_), now + kTick);
  co_await socket_.wait(SocketWatch::kRead, look_again);
  read_available();
}

Task<> Wire::end_for(const Error& error) {
  if (drop_when_late_) {
    break_off();
  } else {
    co_await abandon();
  }
  throw error;
}

void Wire::read_available() {
  std::size_t waiting = waiting_bytes();
  const bool heard = waiting > 0 || tls_holds_bytes();
  std::size_t taken = 0;
  do {
    if (broken_ || PQconsumeInput(connection_.get()) == 0) {
      break_off();
      return;
    }
    taken += waiting;
    waiting = waiting_bytes();
  } while (waiting > 0 && taken < kReadBytesMax);
  if (heard) {
    last_heard_ = steady_clock::now();
  }
}

std::size_t Wire::waiting_bytes() const {
  int count = 0;
  if (broken_ || ioctl(PQsocket(connection_.get()), FIONREAD, &count) != 0 || count < 0) {
    return 0;
  }
  return static_cast<std::size_t>(count);
}

bool Wire::tls_holds_bytes() const {
  if (broken_ || PQsslInUse(connection_.get()) == 0) {
    return false;
  }
  const auto* tls = static_cast<const SSL*>(PQsslStruct(connection_.get(), "OpenSSL"));
  return tls != nullptr && SSL_pending(tls) > 0;
}

Task<> Wire::pause(std::chrono::microseconds duration) {
  reads_without_wait_ = 0;
  co_await socket_.pause(duration);
}

SteadyTime Wire::deadline_from(SteadyTime begin) const {
  if (timeout_) {
    return begin + *timeout_;
  }
  if (settings_.statement_timeout == milliseconds::zero()) {
    return SteadyTime::max();
  }
  return begin + settings_.statement_timeout + kGrace;
}

Task<> Wire::put_copy(std::string_view bytes) {
  if (broken_ ||
      PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
    break_off();
    throw lost();
  }
  co_await flush();
}

Task<std::int64_t> Wire::finish_copy() {
  if (broken_ || PQputCopyEnd(connection_.get(), nullptr) != 1) {
    break_off();
    throw lost();
  }
  co_await flush();
  const ResultHandle handle = co_await next_result();
  std::optional<Error> failure;
  if (handle != nullptr && failed(handle.get())) {
    failure = complaint(handle.get());
  }
  co_await read_rest(failure);
  if (failure) {
    throw *failure;
  }
  co_return affected_rows(handle.get());
}

int Wire::copy_message(char** block) { return PQgetCopyData(connection_.get(), block, 1); }

void Wire::free_block(char* block) { PQfreemem(block); }

void Wire::break_off() {
  broken_ = true;
  // libpq may close the socket, or has already.
  socket_.release();
}

bool Wire::broken() const { return broken_ || PQstatus(connection_.get()) == CONNECTION_BAD; }

void Wire::look_at_socket() {
  // A farewell is a message and then the end of the stream.
  for (int looks = 0; looks < 3 && !broken_; ++looks) {
    pollfd look{PQsocket(connection_.get()), POLLIN, 0};
    if (poll(&look, 1, 0) <= 0) {
      return;
    }
    read_available();
    PQisBusy(connection_.get());
  }
}

std::string Wire::what() const {
  return fmt::format("connection {}: {}", settings_.name, purpose_);
}

Error Wire::lost() const {
  std::string cause = one_line(PQerrorMessage(connection_.get()));
  if (cause.empty()) {
    cause = "the session was lost";
  }
  return Error(Failure::transient, fmt::format("{}: {}", what(), cause))
      .with_reason("connection_lost");
}

Error Wire::complaint(const pg_result* result) {
  const ServerMessage message = message_of(result);
  if (message.sqlstate.empty()) {
    return broken() ? lost()
                    : Error(Failure::too_large, fmt::format("{}: {}", what(), message.text))
                          .with_reason("client_memory");
  }
  if (message.sqlstate == "57014" && cancel_asked_) {
    return Error(Failure::cancelled, fmt::format("{}: cancelled", what())).with_reason("cancelled");
  }
  const Error error = server_error(what(), message);
  const auto elapsed = steady_clock::now() - started_;
  const bool timed_out = message.text.find("statement timeout") != std::string::npos ||
                         elapsed >= settings_.statement_timeout * 9 / 10;
  if (message.sqlstate == "57014" && !timed_out) {
    return Error(Failure::transient, error.what()).with_reason(message.sqlstate);
  }
  return error;
}

}  // namespace rowferry::pq
