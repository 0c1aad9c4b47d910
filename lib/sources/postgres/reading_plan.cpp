#include "sources/postgres/reading_plan.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "sources/postgres/projection.hpp"
#include "sources/postgres/server_facts.hpp"
#include "sources/postgres/standby.hpp"

namespace rowferry::postgres {
namespace {

constexpr int kTidRangesSince = 140000;

void check_cursor(const Table& table, const SourceSettings& settings) {
  const Type& type = table.at(settings.cursor).type;
  const bool is_time =
      !type.is_array && (type.element == ColumnType::timestamptz ||
                         type.element == ColumnType::timestamp || type.element == ColumnType::date);
  if (!is_time) {
    throw Error(Failure::config,
                fmt::format("source.cursor: {} of {} is {}; a cursor must be a timestamp or date "
                            "that every change moves forward",
                            settings.cursor, settings.name(), to_string(type)));
  }
  if (type.element == ColumnType::timestamptz && !settings.cursor_timezone.empty()) {
    throw Error(Failure::config,
                fmt::format("source.cursor_timezone: {} of {} is {}, and says itself what moment "
                            "it is: take cursor_timezone out",
                            settings.cursor, settings.name(), to_string(type)));
  }
}

// Why rows cannot be read by ranges of blocks; empty: they can.
std::string why_not_by_ctid(const Table& table, bool has_tid_ranges) {
  if (!table.is_heap) {
    return fmt::format("it is a {}, and only rows of ordinary tables have one", table.kind);
  }
  if (!has_tid_ranges) {
    return "that needs PostgreSQL 14";
  }
  return table.leaves_are_readable ? "" : "grant SELECT on each of its partitions";
}

bool choose_ctid(const Table& table, const SourceSettings& settings, bool has_tid_ranges) {
  const std::string why_not = why_not_by_ctid(table, has_tid_ranges);
  if (settings.read_order == ReadOrder::ctid && !why_not.empty()) {
    throw Error(Failure::config,
                fmt::format("source.read_order: {} cannot be read by ctid: {}; use auto or key",
                            settings.name(), why_not));
  }
  return settings.read_order != ReadOrder::key && why_not.empty();
}

Task<Mode> choose_exact_mode(pq::Session& session) {
  const LowMark low = co_await read_low_mark(session, "");
  const std::string incarnation = co_await read_incarnation(session);
  co_return low.untracked || incarnation.empty() ? Mode::overlap : Mode::exact;
}

Task<Mode> choose_standby_mode(pq::Session& session, connections::PostgresConnection& server) {
  connections::PostgresConnection* primary = server.primary();
  if (primary == nullptr) {
    co_return Mode::overlap;
  }
  connections::Lease lease = co_await primary->borrow(connections::Priority::live);
  co_await confirm_pair(session, *lease, primary->name());
  co_return co_await choose_exact_mode(*lease);
}

// `by_standby`: whether the marks of an exact mode are another server's.
Task<Mode> choose_mode(pq::Session& session, const Table& table, const SourceSettings& settings,
                       connections::PostgresConnection& server, bool& by_standby) {
  if (settings.cursor.empty()) {
    co_return Mode::full;
  }
  check_cursor(table, settings);
  if (settings.late_commits == LateCommits::off) {
    co_return Mode::off;
  }
  if (settings.late_commits == LateCommits::overlap || !table.is_heap) {
    co_return Mode::overlap;
  }
  const bool replays = co_await is_standby(session);
  if (replays) {
    const Mode mode = co_await choose_standby_mode(session, server);
    by_standby = mode == Mode::exact;
    co_return mode;
  }
  co_return co_await choose_exact_mode(session);
}

}  // namespace

Task<ReadingPlan> plan_reading(pq::Session& session, const SourceSettings& settings,
                               connections::PostgresConnection& server) {
  Table table = co_await describe_table(session, settings);
  ReadingPlan plan;
  const Mode mode = co_await choose_mode(session, table, settings, server, plan.by_standby);
  plan.mode = mode;
  plan.by_ctid = choose_ctid(table, settings, session.server_version() >= kTidRangesSince);
  plan.pages_full_copy = settings.read_order == ReadOrder::key && !table.key.empty();
  plan.schema = make_schema(table, settings);
  plan.table = std::move(table);
  co_return plan;
}

}  // namespace rowferry::postgres
