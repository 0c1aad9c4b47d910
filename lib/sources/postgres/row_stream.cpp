#include "sources/postgres/row_stream.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sources/postgres/server_facts.hpp"
#include "sources/postgres/table.hpp"

namespace rowferry::postgres {
namespace {

// Rows of one key are kept in memory together.
constexpr std::size_t kTiesMax = 10'000;

// The lock is taken before the catalog is looked at: what it says holds until COMMIT.
std::string begin_sql(const StreamFrame& frame) {
  std::string sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;" + frame.settings;
  if (!frame.lock.empty()) {
    sql += fmt::format("SELECT FROM {} LIMIT 0;", frame.lock);
  }
  sql += frame.durable ? fmt::format("SELECT {}", kLogPosition) : "SELECT '', true";
  sql += frame.leaf == 0 ? ", ''" : fmt::format(", pg_relation_filenode({})", frame.leaf);
  sql += frame.definition_sql.empty() ? ", ''" : ", " + frame.definition_sql;
  return sql;
}

void refuse_other_relation(const StreamFrame& frame, const pq::Result& found) {
  if (frame.leaf != 0 && found.text(0, 2) != frame.file) {
    throw Error(Failure::stale,
                "the table was rewritten (VACUUM FULL, CLUSTER, TRUNCATE, ALTER TABLE) while it "
                "was copied: its rows lie elsewhere now")
        .with_reason("rewritten");
  }
  if (!frame.definition_sql.empty()) {
    refuse_other_definition(frame.definition, found.text(0, 3));
  }
}

}  // namespace

RowStream::RowStream(pq::Session& session, Decoder& decoder, const RunContext& context)
    : session_(session), decoder_(decoder), context_(context) {}

Task<> RowStream::start(std::string purpose, std::string select) {
  SequenceAllotter::Ticket ticket = co_await context_.sequence->allot();
  sequence_ = ticket.number;
  sent_at_ = std::chrono::steady_clock::now();
  co_await copy(std::move(purpose), select);
}

Task<> RowStream::copy(std::string purpose, const std::string& select) {
  pq::Statement statement;
  statement.purpose = std::move(purpose);
  statement.sql = fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", select);
  reader_.emplace(co_await session_.copy_out(statement));
  co_await advance();
}

Task<> RowStream::start_framed(std::string purpose, std::string select, StreamFrame frame,
                               StopToken stop) {
  const auto until = std::chrono::steady_clock::now() + kFlushMax;
  bool durable = co_await open_frame(purpose, frame, LogPatience::fresh, stop);
  while (!durable) {
    if (std::chrono::steady_clock::now() > until) {
      refuse_slow_log();
    }
    co_await nudge_log(session_);
    const bool now = co_await open_frame(purpose, frame, LogPatience::nudged, stop);
    durable = now;
  }
  co_await copy(std::move(purpose), select);
}

// Takes a snapshot; false when the server has not yet written to disk what it shows. The job's lock
// is held until the snapshot is there: the order of numbers is that of snapshots.
Task<bool> RowStream::open_frame(const std::string& purpose, const StreamFrame& frame,
                                 LogPatience patience, const StopToken& stop) {
  SequenceAllotter::Ticket ticket = co_await context_.sequence->allot();
  sequence_ = ticket.number;
  sent_at_ = std::chrono::steady_clock::now();
  pq::Statement begin;
  begin.purpose = purpose;
  begin.sql = begin_sql(frame);
  const pq::Result found = co_await session_.query(begin);
  ticket.lock.release();
  refuse_other_relation(frame, found);
  if (found.boolean(0, 1)) {
    co_return true;
  }
  std::string position(found.text(0, 0));
  co_return co_await is_flushed_within(session_, std::move(position), patience, stop);
}

Task<> RowStream::commit() {
  pq::Statement statement;
  statement.purpose = "ending a read";
  statement.sql = "COMMIT";
  co_await session_.execute(statement);
}

// Takes the next row, or learns that there is none.
Task<> RowStream::advance() {
  pq::CopyStep step = reader_->next(pending_);
  while (step == pq::CopyStep::wait) {
    co_await reader_->wait();
    step = reader_->next(pending_);
  }
  has_pending_ = step == pq::CopyStep::row;
  ended_ = step == pq::CopyStep::end;
}

Task<bool> RowStream::fill(Batch& batch) {
  batch.clear(decoder_.projection().schema);
  batch.sequence = sequence_;
  batch.read_at = sent_at_;
  const BatchLimits& limits = context_.limits;
  while (!ended_ && batch.rows() < limits.rows_max) {
    if (!has_pending_) {
      // Most rows are buffered: no coroutine switch for them.
      const pq::CopyStep step = reader_->next(pending_);
      has_pending_ = step == pq::CopyStep::row;
      ended_ = step == pq::CopyStep::end;
      if (step == pq::CopyStep::wait) {
        co_await advance();
      }
      if (!has_pending_) {
        continue;
      }
    }
    if (!batch.empty() && batch.bytes() + pending_.size() > limits.bytes_max) {
      break;
    }
    decoder_.append(pending_, batch);
    has_pending_ = false;
    ++rows_;
  }
  if (!decoder_.projection().key_is_unique) {
    co_await take_ties(batch);
  }
  if (!ended_ && !has_pending_) {
    co_await advance();
  }
  co_return !batch.empty();
}

// Rows of one place (cursor and key) stay together: a page, or a restart, goes on behind a place.
Task<> RowStream::take_ties(Batch& batch) {
  const std::size_t most = batch.rows() + kTiesMax;
  while (!ended_ && !batch.empty()) {
    if (!has_pending_) {
      co_await advance();
      continue;
    }
    if (!decoder_.append_tie(pending_, batch)) {
      co_return;
    }
    has_pending_ = false;
    ++rows_;
    if (batch.rows() > most) {
      refuse_many_ties(batch);
    }
  }
}

void RowStream::refuse_many_ties(const Batch& batch) const {
  throw Error(Failure::config,
              fmt::format("more than {} rows of {} have one key and cursor: name columns in "
                          "source.key that tell rows apart",
                          kTiesMax, batch.schema().table));
}

Task<> RowStream::abandon() {
  if (reader_ && !ended_) {
    co_await reader_->abandon();
  }
  reader_.reset();
  ended_ = true;
}

}  // namespace rowferry::postgres
