#include "sinks/postgres/target_checkpoints.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "core/checkpoint_codec.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres_sink {
namespace {

// Two jobs that begin at once would both make the table. The number is ours alone: "rowferry".
constexpr std::string_view kMakeTable = R"(
BEGIN;
SELECT pg_advisory_xact_lock(8245929697087943289);
CREATE SCHEMA IF NOT EXISTS rowferry;
CREATE TABLE IF NOT EXISTS rowferry.checkpoint (
  job text, unit text, generation bigint NOT NULL DEFAULT 0, sequence bigint NOT NULL DEFAULT 0,
  checkpoint json, saved_at timestamptz, PRIMARY KEY (job, unit));
COMMIT)";

pq::Statement statement(std::string purpose, std::string sql) {
  pq::Statement made;
  made.purpose = std::move(purpose);
  made.sql = std::move(sql);
  return made;
}

std::string where(const std::string& job, const std::string& unit) {
  return fmt::format("job = {} AND unit = {}", pq::quote_literal(job), pq::quote_literal(unit));
}

std::string row_sql(const std::string& job, const std::string& unit) {
  return fmt::format(
      "INSERT INTO rowferry.checkpoint (job, unit) VALUES ({}, {}) "
      "ON CONFLICT DO NOTHING",
      pq::quote_literal(job), pq::quote_literal(unit));
}

Checkpoint decoded(std::string_view text, const std::string& job) {
  try {
    return decode_checkpoint(text);
  } catch (const Error& error) {
    throw Error(Failure::internal,
                fmt::format("the row of job {} in rowferry.checkpoint of the target is damaged "
                            "({}): restore it, or start a full run",
                            job, error.what()))
        .with_reason("corrupt");
  }
}

}  // namespace

Task<> TargetCheckpoints::make_table(pq::Session& session) {
  const pq::Statement asked =
      statement("looking for checkpoints", "SELECT to_regclass('rowferry.checkpoint') IS NULL");
  const pq::Result found = co_await session.query(asked);
  if (found.boolean(0, 0)) {
    const pq::Statement made =
        statement("making the table rowferry.checkpoint", std::string(kMakeTable));
    co_await session.execute(made);
  }
}

Task<std::optional<Checkpoint>> TargetCheckpoints::load(std::string job, std::string unit) {
  const connections::Lease lease = co_await server_->borrow(connections::Priority::live);
  co_await make_table(*lease);
  const pq::Statement taking = statement(
      "taking over the checkpoint",
      fmt::format("{}; UPDATE rowferry.checkpoint SET generation = generation + 1 WHERE {} "
                  "RETURNING generation",
                  row_sql(job, unit), where(job, unit)));
  const pq::Result taken = co_await lease->query(taking);
  generation_ = taken.integer(0, 0);
  // Only now: what a transaction before ours wrote is committed or gone.
  const pq::Statement asked = statement(
      "reading the checkpoint",
      fmt::format("SELECT checkpoint::text FROM rowferry.checkpoint WHERE {}", where(job, unit)));
  const pq::Result found = co_await lease->query(asked);
  job_ = std::move(job);
  unit_ = std::move(unit);
  if (found.rows() == 0 || found.is_null(0, 0)) {
    co_return std::nullopt;
  }
  co_return decoded(found.text(0, 0), job_);
}

// A statement of its own, in a session that is borrowed for it.
Task<pq::Result> TargetCheckpoints::ask(std::string_view purpose, std::string sql) {
  const connections::Lease lease = co_await server_->borrow(connections::Priority::live);
  co_await make_table(*lease);
  const pq::Statement asked = statement(std::string(purpose), std::move(sql));
  co_return co_await lease->query(asked);
}

Task<> TargetCheckpoints::save(std::string job, std::string unit, Checkpoint checkpoint) {
  std::string sql = fmt::format(
      "{}; UPDATE rowferry.checkpoint SET checkpoint = {}, saved_at = now() WHERE {}",
      row_sql(job, unit), pq::quote_literal(encode_checkpoint(checkpoint)), where(job, unit));
  co_await ask("saving the checkpoint", std::move(sql));
}

Task<> TargetCheckpoints::erase(std::string job, std::string unit) {
  std::string sql =
      fmt::format("UPDATE rowferry.checkpoint SET checkpoint = NULL, saved_at = now() WHERE {}",
                  where(job, unit));
  co_await ask("erasing the checkpoint", std::move(sql));
}

Task<std::vector<std::string>> TargetCheckpoints::units(std::string job) {
  std::string sql = fmt::format(
      "SELECT unit FROM rowferry.checkpoint WHERE job = {} AND checkpoint IS NOT NULL ORDER BY "
      "unit",
      pq::quote_literal(job));
  const pq::Result found = co_await ask("listing the checkpoints", std::move(sql));
  std::vector<std::string> units;
  for (int row = 0; row < found.rows(); ++row) {
    units.emplace_back(found.text(row, 0));
  }
  co_return units;
}

Task<std::int64_t> TargetCheckpoints::last_run_seq(std::string job) {
  std::string sql = fmt::format(
      "SELECT coalesce(max((checkpoint->>'run_seq')::bigint), 0) FROM rowferry.checkpoint "
      "WHERE job = {}",
      pq::quote_literal(job));
  const pq::Result found = co_await ask("reading the checkpoints", std::move(sql));
  co_return found.integer(0, 0);
}

bool TargetCheckpoints::is_ours(const pq::Result& found) const {
  return found.rows() == 1 && found.integer(0, 0) == generation_;
}

Task<> TargetCheckpoints::confirm(pq::Session& session) {
  const pq::Statement asked =
      statement("looking at the checkpoint",
                fmt::format("SELECT generation FROM rowferry.checkpoint WHERE {} FOR UPDATE",
                            where(job_, unit_)));
  const pq::Result found = co_await session.query(asked);
  if (!is_ours(found)) {
    throw Error(Failure::stale,
                fmt::format("another process writes for job {}, or its row in rowferry.checkpoint "
                            "of the target is gone",
                            job_))
        .with_reason("taken_over");
  }
}

std::string TargetCheckpoints::save_sql(const Checkpoint& checkpoint, std::int64_t sequence) const {
  return fmt::format(
      "UPDATE rowferry.checkpoint SET checkpoint = {}, sequence = greatest(sequence, "
      "{}), saved_at = now() WHERE {}",
      pq::quote_literal(encode_checkpoint(checkpoint)), sequence, where(job_, unit_));
}

}  // namespace rowferry::postgres_sink
