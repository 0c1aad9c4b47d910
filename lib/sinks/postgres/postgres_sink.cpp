#include "sinks/postgres/postgres_sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "pq/quote.hpp"
#include "sinks/postgres/statements.hpp"

namespace rowferry {
namespace {

using postgres_sink::RowHead;
using postgres_sink::WriteMode;

constexpr std::string_view kUniqueViolation = "23505";
// A checkpoint is never older than these batches.
constexpr std::size_t kCommitBatches = 4;

bool names_no_row(const Error& error) {
  return error.failure() == Failure::rejected || error.failure() == Failure::too_large;
}

}  // namespace

PostgresSink::PostgresSink(std::shared_ptr<connections::PostgresConnection> server,
                           postgres_sink::SinkSettings settings, const Runtime& runtime)
    : server_(std::move(server)),
      settings_(std::move(settings)),
      runtime_(runtime),
      checkpoints_(server_) {}

PostgresSink::~PostgresSink() = default;

SinkTraits PostgresSink::traits() const {
  SinkTraits traits;
  traits.identity = SinkIdentity::row;
  const bool is_whole = settings_.write == WriteMode::replace;
  traits.commit_when = is_whole ? CommitWhen::end_of_unit : CommitWhen::batches;
  traits.commit_batches = kCommitBatches;
  traits.writes_in_flight = 1;
  traits.takes_removals = settings_.write == WriteMode::upsert;
  return traits;
}

pq::Statement PostgresSink::statement(std::string_view what, std::string sql) const {
  pq::Statement made;
  made.purpose = fmt::format("{} {}", what, settings_.table);
  made.sql = std::move(sql);
  return made;
}

Receipt PostgresSink::receipt() const {
  boost::json::object note{{"relation", identity_}};
  if (is_direct_) {
    note["direct_run"] = run_seq_;
  }
  return Receipt{boost::json::serialize(note)};
}

// A row without a key would be added again each time.
void PostgresSink::choose_rows(const Batch& batch, WriteResult& result) {
  rows_.clear();
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    bool has_key = true;
    for (const std::size_t place : plan_.key) {
      has_key = has_key && !batch.cell(row, plan_.columns[place].index).is_null();
    }
    if (has_key) {
      rows_.push_back(row);
    } else {
      RowIssue issue;
      issue.row = row;
      issue.reason = "NULL in the key: no unique index keeps such rows apart";
      result.issues.push_back(std::move(issue));
    }
  }
}

Task<> PostgresSink::copy_in(const pq::Statement& copying, const Batch& batch, RowHead head) {
  postgres_sink::RowCopy rows(batch, plan_, rows_, head);
  auto pieces = [&rows](Buffer& piece) { return rows.next(piece); };
  co_await lease_->copy_in(copying, std::move(pieces));
  bytes_ = rows.bytes();
}

// The table is locked against being dropped or altered, and then looked at: it is still that one.
Task<> PostgresSink::begin() {
  const pq::Statement opening = statement(
      "beginning to write",
      fmt::format("BEGIN; LOCK TABLE {0} IN ROW EXCLUSIVE MODE; SELECT concat((SELECT d.oid FROM "
                  "pg_database d WHERE d.datname = current_database()), '/', {1}::regclass::oid)",
                  table_.sql, pq::quote_literal(table_.sql)));
  const pq::Result now = co_await lease_->query(opening);
  refuse_lost_target(now.text(0, 0));
  in_transaction_ = true;
  has_staged_ = false;
  co_await checkpoints_.confirm(*lease_);
  if (settings_.write == WriteMode::replace) {
    const pq::Statement cloning =
        statement("preparing to replace", postgres_sink::clone_sql(table_));
    co_await lease_->execute(cloning);
  }
}

// The engine sends halves of what was refused; nothing of it may stay.
Task<> PostgresSink::roll_back() {
  const pq::Statement undoing =
      statement("undoing a part of", "ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch");
  co_await lease_->execute(undoing);
}

// False when a row is there already: then nothing was taken.
Task<bool> PostgresSink::copy_into_target(const Batch& batch) {
  const pq::Statement copying = statement("copying into", postgres_sink::copy_to_target_sql(plan_));
  std::optional<Error> failure;
  try {
    co_await copy_in(copying, batch, RowHead::none);
  } catch (const Error& error) {
    failure = error;
  }
  if (!failure) {
    co_return true;
  }
  const bool is_there = failure->reason() == kUniqueViolation && !plan_.key.empty();
  if (!is_there) {
    throw Error(*failure);
  }
  co_await roll_back();
  co_return false;
}

Task<> PostgresSink::stage_and_move(const Batch& batch) {
  if (std::exchange(has_staged_, true)) {
    const pq::Statement emptying =
        statement("staging rows for", fmt::format("TRUNCATE {}", postgres_sink::kStaging));
    co_await lease_->execute(emptying);
  }
  const pq::Statement copying = statement("staging rows for", postgres_sink::copy_to_staging_sql());
  co_await copy_in(copying, batch, RowHead::staging);
  std::string sql = postgres_sink::append_sql(plan_);
  if (!plan_.key.empty()) {
    sql = postgres_sink::upsert_sql(plan_);
    sql += has_removals(batch) ? ";" + postgres_sink::remove_sql(plan_) : "";
  }
  const pq::Statement moving = statement("writing to", std::move(sql));
  co_await lease_->execute(moving);
}

bool PostgresSink::has_removals(const Batch& batch) const {
  return std::ranges::any_of(
      rows_, [&](std::size_t row) { return batch.operation(row) == Operation::remove; });
}

Task<> PostgresSink::set_savepoint() {
  const pq::Statement saving = statement("writing to", "SAVEPOINT batch");
  co_await lease_->execute(saving);
}

Task<> PostgresSink::put(const Batch& batch) {
  co_await set_savepoint();
  if (is_direct_ && !has_removals(batch)) {
    const bool was_taken = co_await copy_into_target(batch);
    if (was_taken) {
      co_return;
    }
    is_direct_ = false;
    co_await set_savepoint();
  }
  co_await stage_and_move(batch);
}

Task<WriteResult> PostgresSink::write(const Batch& batch) {
  WriteResult result;
  choose_rows(batch, result);
  if (rows_.empty()) {
    co_return result;
  }
  if (!in_transaction_) {
    co_await begin();
  }
  std::optional<Error> failure;
  try {
    co_await put(batch);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    if (names_no_row(*failure) && lease_->usable()) {
      co_await roll_back();
    }
    throw Error(*failure);
  }
  const pq::Statement releasing = statement("writing to", "RELEASE SAVEPOINT batch");
  co_await lease_->execute(releasing);
  sequence_ = std::max(sequence_, batch.sequence);
  result.bytes = bytes_;
  co_return result;
}

// No single row can be blamed for what the rows of a whole transaction break.
void PostgresSink::refuse_for_good(const Error& error) const {
  if (names_no_row(error)) {
    throw Error(Failure::config, error.what()).with_reason(error.reason());
  }
  throw Error(error);
}

Task<Receipt> PostgresSink::flush(const Checkpoint& checkpoint) {
  if (!in_transaction_) {
    co_await begin();
  }
  Checkpoint kept = checkpoint;
  kept.receipt = receipt();
  std::optional<Error> failure;
  try {
    co_await commit(kept);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    refuse_for_good(*failure);
  }
  in_transaction_ = false;
  Receipt made = kept.receipt;
  failpoint("postgres.commit.not_saved");
  co_return made;
}

Task<> PostgresSink::commit(const Checkpoint& checkpoint) {
  if (settings_.write == WriteMode::replace) {
    const pq::Statement replacing =
        statement("replacing the rows of", postgres_sink::replace_sql(table_, plan_));
    co_await lease_->execute(replacing);
  }
  const pq::Statement saving =
      statement("saving the checkpoint of", checkpoints_.save_sql(checkpoint, sequence_));
  co_await lease_->execute(saving);
  failpoint("postgres.commit.before_send");
  const pq::Statement committing = statement("committing to", "COMMIT");
  co_await lease_->execute(committing);
  failpoint("postgres.commit.reply_lost");
}

Task<std::int64_t> PostgresSink::last_run_seq(std::string job, std::string /*table*/) {
  return checkpoints_.last_run_seq(std::move(job));
}

// The session goes back without what it held of ours.
Task<> PostgresSink::finish(const RunSummary& /*summary*/) {
  if (lease_.owned()) {
    const pq::Statement dropping = statement(
        "ending the writes to", fmt::format("DROP TABLE IF EXISTS {}", postgres_sink::kStaging));
    co_await lease_->execute(dropping);
  }
  is_open_ = false;
  lease_.release();
}

Task<> PostgresSink::close() {
  is_open_ = false;
  in_transaction_ = false;
  checkpoints_.forget();
  lease_.release();
  co_return;
}

}  // namespace rowferry
