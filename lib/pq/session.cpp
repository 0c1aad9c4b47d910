#include "pq/session.hpp"

#include <libpq-fe.h>

#include <optional>
#include <utility>

#include "base/error.hpp"
#include "pq/session_setup.hpp"
#include "pq/wire.hpp"

namespace rowferry::pq {
namespace {

bool has_rows_or_none(const ResultHandle& result) {
  const ExecStatusType status = PQresultStatus(result.get());
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;
}

/// Keeps the result, and reads a bad one's successors so that the session can be used again.
Task<std::vector<Result>> read_results(Wire& wire) {
  std::vector<Result> results;
  ResultHandle handle = co_await wire.next_result();
  while (handle != nullptr) {
    if (!has_rows_or_none(handle)) {
      std::optional<Error> failure = wire.complaint(handle.get());
      // A COPY among the statements makes this throw too.
      co_await wire.read_rest(failure);
      throw *failure;
    }
    results.emplace_back(std::move(handle));
    handle = co_await wire.next_result();
  }
  co_return results;
}

}  // namespace

Session::Session(std::unique_ptr<Wire> wire) : wire_(std::move(wire)) {}

Session::~Session() = default;

Task<std::unique_ptr<Session>> Session::connect(ConnectSettings settings, Environment environment) {
  auto wire = co_await open_wire(settings, environment);
  co_return std::unique_ptr<Session>(new Session(std::move(wire)));
}

Task<std::vector<Result>> Session::query_all(const Statement& statement) {
  co_await wire_->start(statement);
  co_return co_await read_results(*wire_);
}

Task<Result> Session::query(const Statement& statement) {
  std::vector<Result> results = co_await query_all(statement);
  if (results.empty()) {
    co_return Result();
  }
  co_return std::move(results.back());
}

Task<std::int64_t> Session::execute(const Statement& statement) {
  const Result result = co_await query(statement);
  co_return result.affected_rows();
}

Task<CopyReader> Session::copy_out(const Statement& statement) {
  co_await wire_->start(statement);
  const ResultHandle handle = co_await wire_->next_result();
  if (handle != nullptr && PQresultStatus(handle.get()) == PGRES_COPY_OUT) {
    co_return CopyReader(wire_.get(), PQbinaryTuples(handle.get()) != 0);
  }
  const bool refused = handle != nullptr && !has_rows_or_none(handle);
  std::optional<Error> failure =
      refused ? wire_->complaint(handle.get())
              : Error(Failure::internal, "the statement is no COPY ... TO STDOUT");
  co_await wire_->read_rest(failure);
  throw *failure;
}

Task<std::int64_t> Session::copy_in(const Statement& statement, CopyPieces pieces) {
  co_await wire_->start(statement);
  const ResultHandle handle = co_await wire_->next_result();
  if (handle != nullptr && PQresultStatus(handle.get()) == PGRES_COPY_IN) {
    Buffer piece;
    for (bool more = true; more;) {
      piece.clear();
      more = pieces(piece);
      co_await wire_->put_copy(piece.view());
    }
    const std::int64_t rows = co_await wire_->finish_copy();
    co_return rows;
  }
  const bool refused = handle != nullptr && !has_rows_or_none(handle);
  std::optional<Error> failure =
      refused ? wire_->complaint(handle.get())
              : Error(Failure::internal, "the statement is no COPY ... FROM STDIN");
  co_await wire_->read_rest(failure);
  throw *failure;
}

Task<> Session::cancel() { co_await wire_->cancel(); }

void Session::stop_with(const StopToken& stop) { wire_->stop_with(stop); }

void Session::forget_stop() { wire_->forget_stop(); }

bool Session::usable() const { return !wire_->broken(); }

bool Session::reusable() {
  if (wire_->busy() || wire_->swollen() || wire_->cancel_in_flight() || !usable()) {
    return false;
  }
  wire_->look_at_socket();
  return usable() && PQtransactionStatus(wire_->connection()) == PQTRANS_IDLE;
}

bool Session::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(wire_->connection());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

std::uint64_t Session::serial() const { return wire_->serial(); }

int Session::server_version() const { return PQserverVersion(wire_->connection()); }

int Session::backend_pid() const { return wire_->backend_pid(); }

bool Session::text_is_unchecked() const {
  const char* encoding = PQparameterStatus(wire_->connection(), "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
}

std::chrono::steady_clock::time_point Session::last_heard() const { return wire_->last_heard(); }

}  // namespace rowferry::pq
