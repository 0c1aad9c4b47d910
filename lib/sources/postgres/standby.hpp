#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/async.hpp"
#include "base/task.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "pq/session.hpp"

namespace rowferry::postgres {

/// The reason of an Error{transient}: a standby has not replayed its primary's log far enough.
inline constexpr std::string_view kStandbyLags = "standby_lags";

/// How far a primary's log is.
enum class LogEnd {
  written,  ///< all that any snapshot shows, also commits that are only in memory yet
  durable,  ///< what is on the primary's disk, and so what its standbys are sent
};

/// SQL: one of the two, as text.
[[nodiscard]] std::string_view log_end_sql(LogEnd end);

/// Reads it on a primary.
Task<std::string> read_log_end(pq::Session& primary, LogEnd end);

/// SQL: whether the server is a standby, whether it has replayed a position of its primary's log,
/// and its history, `system identifier/timeline`: three columns.
[[nodiscard]] std::string standby_select(const std::string& position);

/// Judges these columns, the first of which is `column`, against the primary's incarnation. True
/// when the standby shows all that the primary showed at the position. Throws Error{stale} when it
/// is no standby any more, Error{config} when it is one of another system.
[[nodiscard]] bool has_replayed(const pq::Result& found, int column, std::string_view incarnation);

/// Throws Error when a standby and what the configuration names as its primary are no such pair of
/// servers, or lead to two databases.
Task<> confirm_pair(pq::Session& standby, pq::Session& primary, std::string name);

/// The wait for a standby, a little at a time.
class ReplayWait {
 public:
  /// Both outlive it. Patience ends with the deadline of the primary's statements, or a minute.
  ReplayWait(connections::PostgresConnection& primary, const StopToken& stop);

  /// Waits a little; once, before long, it makes the primary write its log to disk, which else may
  /// end in what no standby is sent yet. Throws Error{transient} when patience ends, and
  /// Error{cancelled}.
  Task<> pause();

 private:
  Task<> nudge();
  [[noreturn]] void refuse() const;

  connections::PostgresConnection& primary_;
  const StopToken& stop_;
  std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::milliseconds tick_{2};
  bool nudged_ = false;
};

/// What a session of a standby must have replayed before rows are read in it.
struct ReplayTarget {
  std::string incarnation;  ///< the primary's
  std::string position;     ///< of its log
};

/// Waits until a session's standby shows what its primary showed at a position: a session may lead
/// to another standby than the one before, or to one that was restarted and is further behind.
Task<> wait_for_replay(pq::Session& standby, ReplayTarget target,
                       connections::PostgresConnection& primary, const StopToken& stop);

}  // namespace rowferry::postgres
