// How the sink finds, makes and changes the table that it writes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "sinks/postgres/making.hpp"
#include "sinks/postgres/postgres_sink.hpp"
#include "sinks/postgres/statements.hpp"

namespace rowferry {
namespace {

using postgres_sink::TargetTable;
using postgres_sink::WriteMode;

// What an earlier run noted of the target.
struct Note {
  std::string relation;
  std::int64_t direct_run = 0;
};

Note note_of(const Receipt& receipt) {
  Note note;
  if (receipt.empty()) {
    return note;
  }
  try {
    const boost::json::value value = boost::json::parse(receipt.json);
    note.relation = value.at("relation").as_string();
    if (const auto* run = value.as_object().if_contains("direct_run")) {
      note.direct_run = run->to_number<std::int64_t>();
    }
  } catch (const std::exception& error) {
    throw Error(Failure::internal,
                fmt::format("the receipt is not one of a PostgreSQL sink: {}", error.what()));
  }
  return note;
}

}  // namespace

void PostgresSink::check(const Receipt& receipt) const { std::ignore = note_of(receipt); }

bool PostgresSink::serves(const RunContext& context) const {
  return is_open_ && job_ == context.job && unit_ == context.unit && run_seq_ == context.run_seq;
}

Task<> PostgresSink::open(SchemaPointer schema, const RunContext& context, Receipt receipt) {
  if (serves(context) && schema_ && schema->fingerprint() == schema_->fingerprint()) {
    co_return;
  }
  job_ = context.job;
  unit_ = context.unit;
  run_seq_ = context.run_seq;
  schema_ = std::move(schema);
  is_open_ = false;
  if (!checkpoints_.owns(job_, unit_)) {
    co_await checkpoints_.load(job_, unit_);
  }
  if (!lease_.owned()) {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live, context.stop);
    lease_ = std::move(lease);
  }
  co_await prepare(receipt);
  is_open_ = true;
}

// In the transaction that is open, where there is one.
Task<> PostgresSink::prepare(const Receipt& receipt) {
  const Note note = note_of(receipt);
  TargetTable target = co_await find_or_make_target(note.relation);
  target = co_await with_all_columns(std::move(target));
  plan_ = postgres_sink::make_write_plan(*schema_, target, settings_);
  identity_ = target.identity;
  table_ = std::move(target);
  co_await postgres_sink::refuse_type_conflicts(*lease_, schema_, plan_);
  const pq::Statement staging = statement("preparing to write", postgres_sink::staging_sql(plan_));
  co_await lease_->execute(staging);
  has_staged_ = false;
  const bool is_fresh = co_await takes_rows_directly(note.direct_run);
  is_direct_ = is_fresh;
}

// While the target was empty when the copy began, rows are not looked for in it.
Task<bool> PostgresSink::takes_rows_directly(std::int64_t direct_run) {
  if (!plan_.is_direct) {
    co_return false;
  }
  if (settings_.write != WriteMode::upsert || (direct_run != 0 && direct_run == run_seq_)) {
    co_return true;
  }
  co_return co_await postgres_sink::is_empty(*lease_, table_);
}

Task<TargetTable> PostgresSink::find_or_make_target(std::string relation) {
  std::optional<TargetTable> found = co_await postgres_sink::read_target(*lease_, settings_.table);
  identity_ = relation;
  if (found) {
    if (!relation.empty()) {
      refuse_lost_target(found->identity);
    }
    co_return *std::move(found);
  }
  if (!relation.empty()) {
    refuse_lost_target("");
  }
  if (!settings_.create) {
    refuse_missing_target();
  }
  co_await postgres_sink::make_table(*lease_, schema_, settings_.table);
  tell_made();
  std::optional<TargetTable> made = co_await postgres_sink::read_target(*lease_, settings_.table);
  if (!made) {
    refuse_missing_target();
  }
  co_return *std::move(made);
}

void PostgresSink::refuse_lost_target(std::string_view now) const {
  if (now != identity_) {
    throw Error(Failure::stale,
                fmt::format("the table {} that was written is gone, or is another one now: all "
                            "rows are copied anew",
                            settings_.table))
        .with_reason(std::string(kTargetLost));
  }
}

void PostgresSink::refuse_missing_target() const {
  throw Error(Failure::config,
              fmt::format("sink.table: {} does not exist: make it, or let sink.create be true",
                          settings_.table));
}

Task<TargetTable> PostgresSink::with_all_columns(TargetTable target) {
  const std::vector<std::size_t> missing = postgres_sink::missing_columns(*schema_, target);
  if (missing.empty()) {
    co_return target;
  }
  refuse_missing_columns(target, missing);
  co_await postgres_sink::add_columns(*lease_, schema_, target, missing);
  tell_added(missing);
  std::optional<TargetTable> now = co_await postgres_sink::read_target(*lease_, settings_.table);
  if (!now) {
    refuse_missing_target();
  }
  co_return *std::move(now);
}

std::string PostgresSink::names_of(const std::vector<std::size_t>& columns) const {
  std::vector<std::string> names;
  for (const std::size_t index : columns) {
    names.push_back(schema_->columns[index].name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

void PostgresSink::refuse_missing_columns(const TargetTable& target,
                                          const std::vector<std::size_t>& missing) const {
  if (!settings_.create) {
    throw Error(Failure::config,
                fmt::format("{} has no column {}: add it, let sink.create be true, or leave it out "
                            "with source.columns",
                            target.sql, names_of(missing)));
  }
}

// Outside of coroutines: g++ 12 miscompiles lists in braces inside them.
void PostgresSink::tell_made() const {
  runtime_.log.info("the target table was made", {{"job", job_}, {"table", settings_.table}});
}

void PostgresSink::tell_added(const std::vector<std::size_t>& missing) const {
  runtime_.log.warn(
      "columns were added to the target; rows that were written before have NULL in "
      "them until they change, or until a full run",
      {{"job", job_}, {"table", settings_.table}, {"columns", names_of(missing)}});
}

}  // namespace rowferry
