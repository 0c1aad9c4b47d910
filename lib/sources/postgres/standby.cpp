#include "sources/postgres/standby.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/duration.hpp"
#include "base/error.hpp"
#include "pq/quote.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTickMax{250};
// Longer than the default wal_writer_delay.
constexpr milliseconds kNudgeAfter{300};
constexpr milliseconds kPatienceMax{60'000};

// The timeline as in names of log files. A standby that streams follows the one that it receives:
// it asks for another one only where that one's history holds what it has replayed. The control
// file is behind by up to a checkpoint, which only makes us wait.
constexpr std::string_view kHistory = R"(
(SELECT system_identifier FROM pg_control_system())::text || '/' ||
lpad(upper(to_hex(coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
  (SELECT greatest(c.timeline_id, r.min_recovery_end_timeline)
   FROM pg_control_checkpoint() c, pg_control_recovery() r)))), 8, '0'))";

constexpr std::string_view kPairFacts =
    "SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system())::text, "
    "current_database()";

pq::Statement statement(std::string purpose, std::string sql) {
  pq::Statement made;
  made.purpose = std::move(purpose);
  made.sql = std::move(sql);
  return made;
}

std::string_view system_of(std::string_view history) {
  return history.substr(0, history.find('/'));
}

void refuse_other_pair(const pq::Result& standby, const pq::Result& primary,
                       const std::string& name) {
  if (primary.boolean(0, 0)) {
    throw Error(Failure::transient,
                fmt::format("replica_of names connection {}, whose server is a standby itself: let "
                            "its dsn name the primary",
                            name))
        .with_reason("standby");
  }
  if (standby.text(0, 1) != primary.text(0, 1)) {
    throw Error(Failure::config,
                fmt::format("replica_of names connection {}, and the server is no replica of that "
                            "one: they have different system identifiers",
                            name))
        .with_reason("system_identifier");
  }
  if (standby.text(0, 2) != primary.text(0, 2)) {
    throw Error(Failure::config,
                fmt::format("replica_of names connection {}, which leads to database {}, and not "
                            "to {}",
                            name, primary.text(0, 2), standby.text(0, 2)));
  }
}

}  // namespace

std::string_view log_end_sql(LogEnd end) {
  return end == LogEnd::written ? "pg_current_wal_insert_lsn()::text"
                                : "pg_current_wal_flush_lsn()::text";
}

Task<std::string> read_log_end(pq::Session& primary, LogEnd end) {
  const pq::Statement asked =
      statement("reading the log's position", fmt::format("SELECT {}", log_end_sql(end)));
  const pq::Result found = co_await primary.query(asked);
  co_return std::string(found.text(0, 0));
}

std::string standby_select(const std::string& position) {
  return fmt::format(
      "pg_is_in_recovery(), coalesce(pg_last_wal_replay_lsn() >= {}::pg_lsn, false),"
      "{}",
      pq::quote_literal(position), kHistory);
}

bool has_replayed(const pq::Result& found, int column, std::string_view incarnation) {
  if (!found.boolean(0, column)) {
    throw Error(Failure::stale, "the server was a standby, and is none any more: it was promoted")
        .with_reason("promoted");
  }
  const std::string_view history = found.text(0, column + 2);
  if (system_of(history) != system_of(incarnation)) {
    throw Error(Failure::config,
                "the standby is no replica of the connection that replica_of names: they have "
                "different system identifiers")
        .with_reason("system_identifier");
  }
  return found.boolean(0, column + 1) && is_same_history(history, incarnation);
}

Task<> confirm_pair(pq::Session& standby, pq::Session& primary, std::string name) {
  const pq::Statement asked =
      statement("comparing a standby with its primary", std::string(kPairFacts));
  const pq::Result replica = co_await standby.query(asked);
  const pq::Result origin = co_await primary.query(asked);
  refuse_other_pair(replica, origin, name);
}

ReplayWait::ReplayWait(connections::PostgresConnection& primary, const StopToken& stop)
    : primary_(primary),
      stop_(stop),
      patience_(std::min(kPatienceMax, primary.settings().statement_timeout)),
      began_(steady_clock::now()) {}

Task<> ReplayWait::pause() {
  const auto waited = steady_clock::now() - began_;
  if (waited > patience_) {
    refuse();
  }
  if (waited > kNudgeAfter && !std::exchange(nudged_, true)) {
    co_await nudge();
  }
  co_await stop_.sleep_for(tick_);
  stop_.throw_if_stopped();
  tick_ = std::min(kTickMax, tick_ * 2);
}

Task<> ReplayWait::nudge() {
  connections::Lease lease = co_await primary_.borrow(connections::Priority::live, stop_);
  co_await nudge_log(*lease);
}

void ReplayWait::refuse() const {
  throw Error(Failure::transient,
              fmt::format("the standby has not replayed what its primary, connection {}, had "
                          "written {} ago: see pg_stat_replication there, and "
                          "pg_is_wal_replay_paused() and long queries on the standby",
                          primary_.name(), format_duration(patience_)))
      .with_reason(std::string(kStandbyLags));
}

Task<> wait_for_replay(pq::Session& standby, ReplayTarget target,
                       connections::PostgresConnection& primary, const StopToken& stop) {
  ReplayWait wait(primary, stop);
  const pq::Statement asked = statement("asking the standby how far it is",
                                        fmt::format("SELECT {}", standby_select(target.position)));
  while (true) {
    const pq::Result found = co_await standby.query(asked);
    if (has_replayed(found, 0, target.incarnation)) {
      co_return;
    }
    co_await wait.pause();
  }
}

}  // namespace rowferry::postgres
