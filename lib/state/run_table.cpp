#include "state/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "sqlite/statement.hpp"

namespace rowferry {
namespace {

constexpr std::string_view kColumns =
    "job, run_seq, type, state, started_at, finished_at, rows_read, rows_written, rows_deleted, "
    "rows_rejected, bytes_read, bytes_written, retries, error, report, window_from, window_to";

std::int64_t to_integer(WallTime time) { return time.time_since_epoch().count(); }

WallTime to_time(std::int64_t microseconds) {
  return WallTime(std::chrono::microseconds(microseconds));
}

/// Binds the values of kColumns to the parameters 1 to 17.
void bind_run(sqlite::Statement& statement, const Run& run) {
  statement.bind(1, run.job).bind(2, run.run_seq);
  statement.bind(3, to_string(run.type)).bind(4, to_string(run.state));
  statement.bind(5, to_integer(run.started_at));
  if (run.finished_at) {
    statement.bind(6, to_integer(*run.finished_at));
  }
  const Counters& counters = run.counters;
  statement.bind(7, counters.rows_read).bind(8, counters.rows_written);
  statement.bind(9, counters.rows_deleted).bind(10, counters.rows_rejected);
  statement.bind(11, counters.bytes_read).bind(12, counters.bytes_written);
  statement.bind(13, run.retries).bind(14, run.error).bind(15, run.report_json);
  statement.bind(16, run.from).bind(17, run.to);
}

/// The run of a row of `id` and kColumns.
Run read_run(const sqlite::Statement& row) {
  Run run;
  run.id = row.integer(0);
  run.job = row.text(1);
  run.run_seq = row.integer(2);
  run.type = parse_run_type(row.bytes(3)).value_or(RunType::sync);
  run.state = parse_run_state(row.bytes(4)).value_or(RunState::failed);
  run.started_at = to_time(row.integer(5));
  if (!row.is_null(6)) {
    run.finished_at = to_time(row.integer(6));
  }
  run.counters = {row.integer(7),  row.integer(8),  row.integer(9),
                  row.integer(10), row.integer(11), row.integer(12)};
  run.retries = row.integer(13);
  run.error = row.text(14);
  run.report_json = row.text(15);
  run.from = row.text(16);
  run.to = row.text(17);
  return run;
}

}  // namespace

Run RunTable::start(Run run) {
  if (run.run_seq == 0) {
    run.run_seq = job_value("run_seq", run.job) + 1;
  }
  raise_run_seq(run.job, run.run_seq);
  sqlite::Statement insert = database_.prepare(
      fmt::format("INSERT INTO runs ({}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", kColumns));
  bind_run(insert, run);
  insert.run();
  run.id = database_.last_insert_id();
  cut_history(run.job);
  return run;
}

void RunTable::cut_history(const std::string& job) {
  sqlite::Statement cut = database_.prepare(
      "DELETE FROM runs WHERE job = ?1 AND finished_at IS NOT NULL AND id <= "
      "(SELECT id FROM runs WHERE job = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)");
  cut.bind(1, job).bind(2, static_cast<std::int64_t>(history_runs_)).run();
}

void RunTable::update(const Run& run) {
  sqlite::Statement update = database_.prepare(fmt::format(
      "UPDATE runs SET ({}) = (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) WHERE id = ?18", kColumns));
  bind_run(update, run);
  update.bind(18, run.id).run();
  if (database_.changes() == 0) {
    throw Error(Failure::internal,
                fmt::format("the state {} holds no run {}", database_.path().string(), run.id));
  }
}

std::vector<Run> RunTable::list(const RunQuery& query) {
  sqlite::Statement statement = database_.prepare(
      fmt::format("SELECT id, {} FROM runs WHERE id < ?1 {} {} ORDER BY id DESC LIMIT ?4", kColumns,
                  query.job ? "AND job = ?2" : "", query.state ? "AND state = ?3" : ""));
  statement.bind(1, query.before.value_or(std::numeric_limits<std::int64_t>::max()));
  if (query.job) {
    statement.bind(2, *query.job);
  }
  if (query.state) {
    statement.bind(3, to_string(*query.state));
  }
  statement.bind(4, static_cast<std::int64_t>(query.limit));
  std::vector<Run> runs;
  while (statement.step()) {
    runs.push_back(read_run(statement));
  }
  return runs;
}

std::optional<Run> RunTable::find(std::int64_t id) {
  sqlite::Statement statement =
      database_.prepare(fmt::format("SELECT id, {} FROM runs WHERE id = ?", kColumns));
  statement.bind(1, id);
  return statement.step() ? std::optional(read_run(statement)) : std::nullopt;
}

std::int64_t RunTable::job_number(const std::string& job) {
  sqlite::Statement insert =
      database_.prepare("INSERT INTO jobs (name) VALUES (?) ON CONFLICT (name) DO NOTHING");
  insert.bind(1, job).run();
  return job_value("number", job);
}

void RunTable::raise_run_seq(const std::string& job, std::int64_t run_seq) {
  raise("run_seq", job, run_seq);
}

std::int64_t RunTable::sequence_mark(const std::string& job) {
  return job_value("sequence_mark", job);
}

void RunTable::raise_sequence_mark(const std::string& job, std::int64_t mark) {
  raise("sequence_mark", job, mark);
}

bool RunTable::paused(const std::string& job) { return job_value("paused", job) != 0; }

void RunTable::set_paused(const std::string& job, bool paused) {
  sqlite::Statement statement = database_.prepare(
      "INSERT INTO jobs (name, paused) VALUES (?1, ?2) "
      "ON CONFLICT (name) DO UPDATE SET paused = ?2");
  statement.bind(1, job).bind(2, std::int64_t{paused}).run();
}

std::int64_t RunTable::job_value(std::string_view column, const std::string& job) {
  sqlite::Statement statement =
      database_.prepare(fmt::format("SELECT {} FROM jobs WHERE name = ?", column));
  statement.bind(1, job);
  return statement.step() ? statement.integer(0) : 0;
}

void RunTable::raise(std::string_view column, const std::string& job, std::int64_t value) {
  sqlite::Statement statement =
      database_.prepare(fmt::format("INSERT INTO jobs (name, {0}) VALUES (?1, ?2) "
                                    "ON CONFLICT (name) DO UPDATE SET {0} = max({0}, ?2)",
                                    column));
  statement.bind(1, job).bind(2, value).run();
}

}  // namespace rowferry
