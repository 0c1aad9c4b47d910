#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/async.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "pq/connecting.hpp"
#include "pq/result.hpp"
#include "pq/settings.hpp"
#include "pq/socket_watch.hpp"
#include "pq/statement.hpp"

namespace rowferry::pq {

/// What the session and its COPY readers share: libpq's connection, its socket, and every wait with
/// its deadline. Owns the connection. All of it on the event loop, but for the sending of a cancel
/// request.
class Wire {
 public:
  Wire(ConnectionHandle connection, const ConnectSettings& settings, Environment environment);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Sends a statement. Throws Error{transient} when the connection is lost or in use, and
  /// Error{cancelled} when a stop was asked for.
  Task<> start(const Statement& statement);

  /// The next result of the statement, null behind the last one, under the statement's deadline.
  /// Error results are handed out as they are; see `complaint`.
  Task<ResultHandle> next_result();

  /// Reads all results up to the statement's end; throws the error if one of them is one.
  Task<> finish();

  /// As `finish`, but keeps the first error, given or found, instead of throwing it: a server that
  /// says why it goes is followed by libpq's complaint that it went.
  Task<> read_rest(std::optional<Error>& failure);

  /// Waits for the server, at most for a moment: until bytes came and were read, or it is time to
  /// look again. When `until` is over or a stop was asked for the statement is ended, and this
  /// throws. A lost connection does not throw: `broken` is true, and libpq hands out the error.
  Task<> input(SteadyTime until);

  /// Ends the statement in flight: asks the server to, and reads what is left, at most for some
  /// seconds; then the connection is broken. Never throws.
  Task<> abandon();

  /// Asks the server to end the statement in flight. Never throws.
  Task<> cancel();

  /// The error for an error result of the statement in flight.
  [[nodiscard]] Error complaint(const pg_result* result);

  /// One message of a COPY, as PQgetCopyData has it: its size and block, 0: nothing buffered, < 0:
  /// the stream has ended. The block is given back with `free_block`.
  int copy_message(char** block);
  static void free_block(char* block);

  /// Sends some bytes of a COPY ... FROM STDIN that was started, under the statement's deadline;
  /// all of them go through libpq's buffer. What the server has against them `finish_copy` tells.
  Task<> put_copy(std::string_view bytes);
  /// Ends that COPY, and returns the rows that were taken. Throws the server's refusal.
  Task<std::int64_t> finish_copy();

  /// Reads what the socket holds into libpq's buffer, at least once; a lost connection sets
  /// `broken`.
  void read_available();

  /// Bytes that wait in the kernel; 0 also when that cannot be told.
  [[nodiscard]] std::size_t waiting_bytes() const;

  /// Lets the server write on for a while.
  Task<> pause(std::chrono::microseconds duration);

  /// When a wait that begins now has taken too long.
  [[nodiscard]] SteadyTime deadline_from(SteadyTime begin) const;

  void stop_with(const StopToken& stop) { stop_ = stop; }
  void forget_stop() { stop_.reset(); }

  /// Nothing more can be done with this connection.
  void break_off();
  [[nodiscard]] bool broken() const;
  [[nodiscard]] bool busy() const { return busy_; }
  /// A huge row has left libpq with a buffer of its size: better a new session than that memory.
  void note_swollen() { swollen_ = true; }
  [[nodiscard]] bool swollen() const { return swollen_; }
  /// Reads notices and a farewell of the server that came while nobody waited.
  void look_at_socket();
  /// Whether a cancel request is still on its way and could hit a later statement.
  [[nodiscard]] bool cancel_in_flight() const { return *cancels_in_flight_ > 0; }

  /// The server process that answers. A pooler makes up the number that libpq knows.
  void set_backend_pid(int pid) { backend_pid_ = pid; }
  [[nodiscard]] int backend_pid() const { return backend_pid_; }

  [[nodiscard]] pg_conn* connection() const { return connection_.get(); }
  [[nodiscard]] SteadyTime last_heard() const { return last_heard_; }
  [[nodiscard]] std::uint64_t serial() const { return serial_; }
  [[nodiscard]] const Environment& environment() const { return environment_; }
  [[nodiscard]] const ConnectSettings& settings() const { return settings_; }

 private:
  static void receive_notice(void* wire, const pg_result* notice);

  Task<> flush();
  Task<bool> request_cancel();
  Task<> end_for(const Error& error);
  Task<bool> drain(SteadyTime until);
  bool discard_buffered();
  [[nodiscard]] bool tls_holds_bytes() const;
  [[nodiscard]] std::string what() const;
  [[nodiscard]] Error lost() const;
  void end_statement() { busy_ = false; }

  ConnectSettings settings_;
  Environment environment_;
  ConnectionHandle connection_;
  SocketWatch socket_;
  std::optional<StopToken> stop_;
  std::uint64_t serial_;
  int backend_pid_ = 0;
  SteadyTime last_heard_;

  // The statement in flight.
  bool busy_ = false;
  bool cancel_asked_ = false;
  SteadyTime cancel_until_;
  std::string purpose_;
  SteadyTime started_;
  std::optional<std::chrono::milliseconds> timeout_;
  bool drop_when_late_ = false;

  bool broken_ = false;
  bool swollen_ = false;
  int reads_without_wait_ = 0;
  // Shared with a task that waits for a cancel request and may outlive this session.
  std::shared_ptr<int> cancels_in_flight_;
};

}  // namespace rowferry::pq
