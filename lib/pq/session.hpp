#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/async.hpp"
#include "base/buffer.hpp"
#include "base/task.hpp"
#include "pq/copy_reader.hpp"
#include "pq/result.hpp"
#include "pq/settings.hpp"
#include "pq/statement.hpp"

namespace rowferry::pq {

class Wire;

/// One libpq connection, made awaitable. One task at a time uses it, on the event loop; only
/// `cancel` may come from another one. Every session speaks UTC, ISO dates, UTF-8 (a SQL_ASCII
/// database: its own bytes) and has the limits of its settings.
///
/// Errors: what the server says is mapped by `classify`, with the SQLSTATE as reason; a lost
/// connection is transient with reason `connection_lost`; a server that does not answer in time is
/// transient with reason `timeout`; a statement that ran into the server's statement_timeout is
/// too_large with reason `57014`; a stop (see `stop_with`) or `cancel` is cancelled.
class Session {
 public:
  /// Opens a session: name look-up, files and handshakes on the workers, every wait under
  /// `connect_timeout`. Throws Error{transient} when the server cannot be reached or refuses us,
  /// and Error{config} when the connection string is wrong or leads to a pooler that lends out its
  /// sessions a transaction at a time.
  static Task<std::unique_ptr<Session>> connect(ConnectSettings settings, Environment environment);

  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs a statement and returns its rows; of several statements the last one's. The statement
  /// must outlive the await (name it: g++ 12 destroys brace-built temporaries twice).
  Task<Result> query(const Statement& statement);

  /// Runs several statements in one round trip; one result each, in order.
  Task<std::vector<Result>> query_all(const Statement& statement);

  /// Runs a statement whose rows do not matter; the number of rows it touched.
  Task<std::int64_t> execute(const Statement& statement);

  /// Begins `COPY (...) TO STDOUT (FORMAT binary)`. Until the reader has ended or was abandoned the
  /// session is busy. The reader must not outlive the session.
  Task<CopyReader> copy_out(const Statement& statement);

  /// Appends the next piece of a COPY stream to an empty buffer; false: that was the last one.
  using CopyPieces = std::function<bool(Buffer& piece)>;

  /// Runs `COPY ... FROM STDIN` with a stream in the statement's format, of which each piece is
  /// made while the server reads the one before, and returns the rows taken.
  Task<std::int64_t> copy_in(const Statement& statement, CopyPieces pieces);

  /// Asks the server to end the statement in flight, which then throws Error{cancelled}. May be
  /// called while another task waits for that statement. Never throws.
  Task<> cancel();

  /// From now on a stop ends the statement in flight within a second or so, as `cancel` does, and
  /// the next one before it is sent.
  void stop_with(const StopToken& stop);
  void forget_stop();

  /// False once the connection is lost or in an unknown state: only good to be destroyed.
  [[nodiscard]] bool usable() const;

  /// Whether another task may use this session next: usable, no statement in flight, no transaction
  /// open, and not swollen by a huge row. Looks at the socket, so that a session that the server
  /// ended while it was idle is found out.
  [[nodiscard]] bool reusable();

  /// Whether a transaction is open (also a failed one).
  [[nodiscard]] bool in_transaction() const;

  /// A number that no other session of this process has: what was learned of the server in a
  /// session (its incarnation) counts for that session.
  [[nodiscard]] std::uint64_t serial() const;

  /// 130004, 150020, ...
  [[nodiscard]] int server_version() const;

  /// The process id of the backend, as it stands in pg_stat_activity.
  [[nodiscard]] int backend_pid() const;

  /// True for a SQL_ASCII database: text may hold any bytes, the reader must check that they are
  /// UTF-8. Else the server does.
  [[nodiscard]] bool text_is_unchecked() const;

  /// When the server last sent anything.
  [[nodiscard]] std::chrono::steady_clock::time_point last_heard() const;

 private:
  explicit Session(std::unique_ptr<Wire> wire);

  std::unique_ptr<Wire> wire_;
};

}  // namespace rowferry::pq
