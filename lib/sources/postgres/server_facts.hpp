#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/async.hpp"
#include "base/task.hpp"
#include "connections/postgres/postgres_connection.hpp"
#include "pq/session.hpp"
#include "sources/postgres/mark.hpp"

namespace rowferry::postgres {

/// Statement 1 of exact polling: read before the snapshot.
struct LowMark {
  std::string now;  ///< statement_timestamp()
  /// The least of now and the start of every other running transaction of this database.
  std::string low;
  /// Some backends tell nothing about themselves: crashes and early transactions are invisible.
  bool untracked = false;
  /// Two-phase transactions wait to be committed: the low mark must stay where it was.
  bool prepared = false;
  /// The server's clock is behind the previous low mark.
  bool went_back = false;
};

/// What a snapshot says of transactions.
struct Snapshot {
  FullXid xmin = 0;
  FullXid xmax = 0;
  std::string incarnation;  ///< empty: it cannot be told (no pg_read_all_stats)
};

/// Reads statement 1. `previous_low`: the base's, to see whether the clock went back; empty: none.
Task<LowMark> read_low_mark(pq::Session& session, const std::string& previous_low);

/// The present incarnation of the server; empty when it cannot be told.
Task<std::string> read_incarnation(pq::Session& session);

/// Reads a snapshot and, in the same one, the transactions at or above its xmin whose rows `from`
/// shows where `bound` holds (SQL; empty: none are asked for).
Task<Mark> read_snapshot(pq::Session& session, const std::string& from, const std::string& bound,
                         Snapshot& snapshot);

/// The transactions that have committed, at or above the xmin of a snapshot taken now; the newest,
/// at most 10,000. Every later snapshot sees them, whatever their rows are stamped.
Task<std::vector<FullXid>> read_committed(pq::Session& session);

/// Whether the server replays another one's log.
Task<bool> is_standby(pq::Session& session);

/// The xmax of a snapshot taken now.
Task<FullXid> read_xmax(pq::Session& session);

/// Waits until what is visible now is on the server's disk: rows of synchronous_commit=off
/// transactions are visible before, and vanish in a crash. The insert position is captured once.
/// Throws Error{transient} when the server does not get there within a minute.
Task<> wait_for_flush(pq::Session& session, const StopToken& stop);

/// How long the log is waited for, at a time.
enum class LogPatience {
  fresh,   ///< nothing was done about it yet
  nudged,  ///< see `nudge_log`
};

/// Waits a little until the log is on the server's disk up to a position. False: it is not.
Task<bool> is_flushed_within(pq::Session& session, std::string position, LogPatience patience,
                             const StopToken& stop);

/// Makes the server write its log to disk within its wal_writer_delay; rolls back first, where the
/// session is in a transaction. Needed where nobody else will: the end of the log may be records of
/// a transaction that goes on, or the head of an empty page, which are written with the next
/// commit, or in 15 seconds, or never. Costs the server a transaction id, and changes nothing.
Task<> nudge_log(pq::Session& session);

/// How long the server may take to write its log to disk.
inline constexpr std::chrono::seconds kFlushMax{60};
/// Throws Error{transient}: it took longer.
[[noreturn]] void refuse_slow_log();

/// SQL: the log's insert position as text, and whether it is on the disk: two columns.
inline constexpr std::string_view kLogPosition =
    "pg_current_wal_insert_lsn()::text, pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()";

}  // namespace rowferry::postgres
