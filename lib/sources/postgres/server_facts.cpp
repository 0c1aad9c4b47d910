#include "sources/postgres/server_facts.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/error.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::chrono::milliseconds kFlushPause{5};
// A server with other writers gets there by itself in this time.
constexpr std::chrono::milliseconds kFreshWait{20};
// Longer than the default wal_writer_delay.
constexpr std::chrono::milliseconds kNudgedWait{300};

std::chrono::milliseconds wait_of(LogPatience patience) {
  return patience == LogPatience::fresh ? kFreshWait : kNudgedWait;
}

// Backends of this database but for our own; a transaction that has only read so far counts, too. A
// replication client that streams is `active` for days, and runs no transaction.
constexpr std::string_view kLowMark = R"(
SELECT statement_timestamp()::text,
       least(statement_timestamp(), min(coalesce(a.xact_start, a.query_start)))::text,
       count(*) FILTER (WHERE a.state IS NOT DISTINCT FROM 'disabled'
                           OR a.query = '<insufficient privilege>'),
       coalesce(statement_timestamp() < nullif({}, '')::timestamptz, false)
FROM pg_stat_activity a
WHERE a.datid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND a.pid <> pg_backend_pid()
  AND (a.xact_start IS NOT NULL OR a.state IS NULL OR a.state <> 'idle')
  AND NOT (a.xact_start IS NULL AND a.backend_type IS NOT DISTINCT FROM 'walsender'
           AND a.query LIKE 'START_REPLICATION%'))";

// After the running ones: a transaction that is prepared in between is in one of the two.
constexpr std::string_view kPrepared =
    "SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()";

constexpr std::string_view kIncarnation = R"(
SELECT (SELECT system_identifier FROM pg_control_system())::text || '/' ||
       substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' ||
       (SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer')::text)";

constexpr std::string_view kSnapshot =
    "SELECT pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text FROM pg_current_snapshot() s";

// The transactions whose rows this very snapshot sees at or above its xmin; one more than are kept.
constexpr std::string_view kSeen =
    "SELECT DISTINCT t.xmin::text FROM {} AS t WHERE {} AND "
    "age(t.xmin) <= age(pg_snapshot_xmin(pg_current_snapshot())::xid) LIMIT 100001";

// The status of a transaction is `committed` only once it has left the list of running ones; that
// of a subtransaction, once its top one has.
constexpr std::string_view kCommitted = R"(
SELECT x::text FROM pg_current_snapshot() s,
       generate_series(greatest(pg_snapshot_xmin(s)::text::bigint,
                                pg_snapshot_xmax(s)::text::bigint - 10000),
                       pg_snapshot_xmax(s)::text::bigint - 1) x
WHERE pg_xact_status(x::text::xid8) = 'committed')";

pq::Statement statement(std::string purpose, std::string sql) {
  pq::Statement made;
  made.purpose = std::move(purpose);
  made.sql = std::move(sql);
  return made;
}

FullXid xid_of(std::string_view text) {
  FullXid xid = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), xid);
  if (code != std::errc() || end != text.data() + text.size()) {
    throw Error(Failure::internal, fmt::format("no transaction id: {}", text));
  }
  return xid;
}

}  // namespace

Task<LowMark> read_low_mark(pq::Session& session, const std::string& previous_low) {
  const std::string running = fmt::format(fmt::runtime(kLowMark), pq::quote_literal(previous_low));
  const pq::Statement asked =
      statement("reading the running transactions", fmt::format("{};{}", running, kPrepared));
  const std::vector<pq::Result> found = co_await session.query_all(asked);
  LowMark mark;
  mark.now = found[0].text(0, 0);
  mark.low = found[0].text(0, 1);
  mark.untracked = found[0].integer(0, 2) > 0;
  mark.went_back = found[0].boolean(0, 3);
  mark.prepared = found[1].integer(0, 0) > 0;
  co_return mark;
}

Task<std::vector<FullXid>> read_committed(pq::Session& session) {
  const pq::Statement asked =
      statement("reading the committed transactions", std::string(kCommitted));
  const pq::Result found = co_await session.query(asked);
  std::vector<FullXid> committed;
  for (int row = 0; row < found.rows(); ++row) {
    committed.push_back(xid_of(found.text(row, 0)));
  }
  co_return committed;
}

Task<std::string> read_incarnation(pq::Session& session) {
  const pq::Statement asked =
      statement("reading the server's incarnation", std::string(kIncarnation));
  const pq::Result found = co_await session.query(asked);
  co_return std::string(found.text(0, 0));
}

Task<Mark> read_snapshot(pq::Session& session, const std::string& from, const std::string& bound,
                         Snapshot& snapshot) {
  std::string sql =
      fmt::format("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;{};{}", kSnapshot, kIncarnation);
  if (!bound.empty()) {
    sql += ";" + fmt::format(fmt::runtime(kSeen), from, bound);
  }
  const pq::Statement asked = statement("reading a snapshot", sql + ";COMMIT");
  const std::vector<pq::Result> found = co_await session.query_all(asked);
  snapshot.xmin = xid_of(found[1].text(0, 0));
  snapshot.xmax = xid_of(found[1].text(0, 1));
  snapshot.incarnation = found[2].text(0, 0);
  Mark mark;
  mark.xmin = snapshot.xmin;
  mark.incarnation = snapshot.incarnation;
  if (!bound.empty()) {
    for (int row = 0; row < found[3].rows(); ++row) {
      const auto raw = static_cast<std::uint32_t>(xid_of(found[3].text(row, 0)));
      mark.seen.push_back(full_xid(raw, snapshot.xmax));
    }
  }
  co_return mark;
}

Task<bool> is_standby(pq::Session& session) {
  const pq::Statement asked =
      statement("asking whether the server is a standby", "SELECT pg_is_in_recovery()");
  const pq::Result found = co_await session.query(asked);
  co_return found.boolean(0, 0);
}

Task<FullXid> read_xmax(pq::Session& session) {
  const pq::Statement asked =
      statement("reading a snapshot", "SELECT pg_snapshot_xmax(pg_current_snapshot())::text");
  const pq::Result found = co_await session.query(asked);
  co_return xid_of(found.text(0, 0));
}

Task<> wait_for_flush(pq::Session& session, const StopToken& stop) {
  const pq::Statement asked =
      statement("reading the log's position", fmt::format("SELECT {}", kLogPosition));
  const pq::Result found = co_await session.query(asked);
  if (found.boolean(0, 1)) {
    co_return;
  }
  const auto until = std::chrono::steady_clock::now() + kFlushMax;
  for (bool nudged = false;; nudged = true) {
    std::string position(found.text(0, 0));
    const LogPatience patience = nudged ? LogPatience::nudged : LogPatience::fresh;
    const bool flushed = co_await is_flushed_within(session, std::move(position), patience, stop);
    if (flushed) {
      co_return;
    }
    if (std::chrono::steady_clock::now() > until) {
      refuse_slow_log();
    }
    if (!nudged) {
      co_await nudge_log(session);
    }
  }
}

Task<bool> is_flushed_within(pq::Session& session, std::string position, LogPatience patience,
                             const StopToken& stop) {
  pq::Statement asked =
      statement("reading the log's position", "SELECT pg_current_wal_flush_lsn() >= $1::pg_lsn");
  asked.parameters.emplace_back(std::move(position));
  const auto until = std::chrono::steady_clock::now() + wait_of(patience);
  while (std::chrono::steady_clock::now() < until) {
    co_await stop.sleep_for(kFlushPause);
    stop.throw_if_stopped();
    const pq::Result found = co_await session.query(asked);
    if (found.boolean(0, 0)) {
      co_return true;
    }
  }
  co_return false;
}

// The commit of a transaction that has an id, and wrote nothing, is an asynchronous one.
Task<> nudge_log(pq::Session& session) {
  std::string sql = "SELECT pg_current_xact_id()";
  if (session.in_transaction()) {
    sql = "ROLLBACK;" + sql;
  }
  const pq::Statement asked = statement("waiting for the log", std::move(sql));
  co_await session.execute(asked);
}

void refuse_slow_log() {
  throw Error(Failure::transient, "the server did not write its log to disk within a minute")
      .with_reason("timeout");
}

}  // namespace rowferry::postgres
