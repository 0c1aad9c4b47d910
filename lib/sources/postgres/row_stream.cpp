#include "sources/postgres/row_stream.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"

namespace rowferry::postgres {

RowStream::RowStream(pq::Session& session, Decoder& decoder, const RunContext& context)
    : session_(session), decoder_(decoder), context_(context) {}

Task<> RowStream::start(std::string purpose, std::string select) {
  pq::Statement statement;
  statement.purpose = std::move(purpose);
  statement.sql = fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", select);
  SequenceAllotter::Ticket ticket = co_await context_.sequence->allot();
  sequence_ = ticket.number;
  sent_at_ = std::chrono::steady_clock::now();
  reader_.emplace(co_await session_.copy_out(statement));
  co_await advance();
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
  if (!ended_ && !has_pending_) {
    co_await advance();
  }
  co_return !batch.empty();
}

Task<> RowStream::abandon() {
  if (reader_ && !ended_) {
    co_await reader_->abandon();
  }
  reader_.reset();
  ended_ = true;
}

}  // namespace rowferry::postgres
