#include "sources/postgres/ctid_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "pq/quote.hpp"

namespace rowferry::postgres {
namespace {

// A statement of a shared snapshot cannot be tried again, and takes as long as the sink does. A
// server that sends nothing is still given up after the statement's deadline.
constexpr std::string_view kNoTimeout = "SET LOCAL statement_timeout = 0;";

bool is_halvable(const Error& error) {
  return error.failure() == Failure::too_large || error.reason() == "40001";
}

}  // namespace

CtidCopy::CtidCopy(Pass pass, const boost::asio::any_io_executor& executor, CopyProgress progress,
                   Snapshots snapshots)
    : pass_(std::move(pass)),
      beginning_(progress),
      snapshots_(snapshots),
      projection_(
          make_projection(pass_.table, pass_.settings, pass_.schema, copy_purpose(pass_), true)),
      ranges_(std::move(progress), pass_.settings.chunk_rows),
      changed_(executor),
      readers_(executor) {}

void CtidCopy::start() {
  started_ = true;
  const std::size_t sessions = pass_.connection.settings().sessions_max;
  const std::size_t readers =
      std::min(pass_.settings.parallel, std::max<std::size_t>(1, sessions - 1));
  for (std::size_t reader = 0; reader < readers; ++reader) {
    ++reading_;
    readers_.spawn(read_ranges());
  }
}

Task<bool> CtidCopy::next(Batch& batch) {
  if (!started_) {
    start();
  }
  while (true) {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
    if (!pieces_.empty()) {
      Piece piece = std::move(pieces_.front());
      pieces_.pop_front();
      changed_.notify();
      hand_out(piece);
      if (piece.batch) {
        std::swap(batch, *piece.batch);
        spare_.push_back(std::move(piece.batch));
        co_return true;
      }
    } else if (reading_ == 0) {
      co_return false;
    } else {
      co_await changed_.wait();
    }
  }
}

// The position follows what is handed out, not what was read.
void CtidCopy::hand_out(const Piece& piece) {
  if (piece.range_ended) {
    ranges_.end(piece.range);
    failpoint("source.chunk_read");
  } else {
    ranges_.advance(piece.range, piece.last);
  }
}

Task<> CtidCopy::put(Piece piece) {
  // One piece waits per reader, so that the next one is read meanwhile.
  while (pieces_.size() > reading_ && !pass_.stop.stop_requested()) {
    co_await changed_.wait();
  }
  pass_.stop.throw_if_stopped();
  pieces_.push_back(std::move(piece));
  changed_.notify();
}

const Leaf& CtidCopy::leaf(std::uint32_t oid) const {
  const auto found = std::ranges::find(pass_.table.leaves, oid, &Leaf::oid);
  if (found == pass_.table.leaves.end()) {
    throw Error(Failure::stale, "a partition vanished while it was copied");
  }
  return *found;
}

Task<> CtidCopy::read_ranges() {
  std::exception_ptr failure;
  try {
    if (snapshots_ == Snapshots::one_for_all) {
      co_await read_shared_snapshot();
    } else {
      co_await read_own_snapshots();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  --reading_;
  if (failure && !failure_) {
    failure_ = failure;
  }
  changed_.notify();
}

Task<> CtidCopy::read_own_snapshots() {
  for (auto range = ranges_.take(pass_.table.leaves); range;
       range = ranges_.take(pass_.table.leaves)) {
    co_await read_range(*range);
  }
}

// An exported snapshot can be taken as long as the transaction that exported it goes on: that one
// waits for those who hold a session and are about to. Who gets a session later finds nothing left.
Task<> CtidCopy::read_shared_snapshot() {
  const connections::Lease lease = co_await pass_.borrow(connections::Priority::background);
  if (all_taken_) {
    co_return;
  }
  const bool exports = !std::exchange(snapshot_asked_, true);
  if (exports) {
    co_await export_snapshot(*lease);
  } else {
    co_await begin_shared_snapshot(*lease);
  }
  for (auto range = ranges_.take(pass_.table.leaves); range;
       range = ranges_.take(pass_.table.leaves)) {
    co_await stream_range(*lease, *range);
  }
  all_taken_ = true;
  while (exports && joining_ > 0 && !pass_.stop.stop_requested()) {
    co_await changed_.wait();
  }
}

// Whatever the snapshot shows lies in the blocks that are counted behind it.
Task<> CtidCopy::export_snapshot(pq::Session& session) {
  pq::Statement statement;
  statement.purpose = "beginning the copy's snapshot";
  statement.sql = fmt::format(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;{}{}SELECT FROM {} LIMIT 0;"
      "SELECT pg_export_snapshot()",
      kRangeSettings, kNoTimeout, pass_.table.from);
  const pq::Result exported = co_await session.query(statement);
  const std::vector<Leaf> leaves = co_await read_leaves(session, pass_.table.oid);
  if (!has_same_files(beginning_, leaves)) {
    throw Error(Failure::stale,
                "the table was rewritten, or its partitions changed, before its "
                "copy began")
        .with_reason("rewritten");
  }
  ranges_.recount(leaves);
  snapshot_ = exported.text(0, 0);
  changed_.notify();
}

Task<> CtidCopy::begin_shared_snapshot(pq::Session& session) {
  while (snapshot_.empty()) {
    pass_.stop.throw_if_stopped();
    if (failure_) {
      throw Error(Failure::cancelled, "the reader that exports the snapshot failed");
    }
    co_await changed_.wait();
  }
  pq::Statement statement;
  statement.purpose = "taking the copy's snapshot";
  statement.sql = fmt::format(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT {};{}{}",
      pq::quote_literal(snapshot_), kRangeSettings, kNoTimeout);
  ++joining_;
  std::exception_ptr failure;
  try {
    co_await session.execute(statement);
  } catch (...) {
    failure = std::current_exception();
  }
  --joining_;
  changed_.notify();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

// A range that is too long for one statement is read in halves.
Task<> CtidCopy::read_range(std::size_t range) {
  while (true) {
    std::optional<Error> failure;
    try {
      const connections::Lease lease = co_await pass_.borrow(connections::Priority::background);
      co_await stream_range(*lease, range);
      co_return;
    } catch (const Error& error) {
      failure = error;
    }
    if (!is_halvable(*failure)) {
      throw Error(*failure);
    }
    co_await wait_until_handed_out(range);
    if (!ranges_.can_halve(range)) {
      throw Error(*failure);
    }
    ranges_.halve(range);
  }
}

// Only then it is known where the next statement goes on.
Task<> CtidCopy::wait_until_handed_out(std::size_t range) {
  while (std::ranges::find(pieces_, range, &Piece::range) != pieces_.end()) {
    pass_.stop.throw_if_stopped();
    co_await changed_.wait();
  }
  pass_.stop.throw_if_stopped();
}

std::unique_ptr<Batch> CtidCopy::spare_batch() {
  if (spare_.empty()) {
    return std::make_unique<Batch>();
  }
  std::unique_ptr<Batch> batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

// Reads the statement's rows piece by piece.
Task<> CtidCopy::read_pieces(RowStream& stream, const Decoder& decoder, std::size_t range) {
  while (true) {
    Piece piece;
    piece.range = range;
    piece.batch = spare_batch();
    const bool more = co_await stream.fill(*piece.batch);
    if (!more) {
      co_return;
    }
    piece.last = decoder.last_tid();
    co_await put(std::move(piece));
  }
}

Task<> CtidCopy::start_range(RowStream& stream, std::size_t range) {
  const OpenRange& wanted = ranges_.at(range);
  const Leaf& read = leaf(wanted.leaf);
  std::string purpose = fmt::format("copying {}", pass_.settings.name());
  std::string sql = range_select(pass_, projection_, read, wanted);
  if (snapshots_ == Snapshots::one_for_all) {
    co_await stream.start(std::move(purpose), std::move(sql));
    co_return;
  }
  StreamFrame frame;
  frame.settings = kRangeSettings;
  frame.lock = "ONLY " + read.name;
  frame.definition_sql = definition_select(pass_.table);
  frame.definition = pass_.table.definition;
  frame.leaf = read.oid;
  frame.file = read.file;
  frame.durable = pass_.shows_what_may_vanish();
  StopToken stop = pass_.stop;
  co_await stream.start_framed(std::move(purpose), std::move(sql), std::move(frame),
                               std::move(stop));
}

// After a failure the transaction is open, and the session is not used again.
Task<> CtidCopy::stream_range(pq::Session& session, std::size_t range) {
  co_await pass_.admit(session, incarnation_);
  const OpenRange begun = ranges_.at(range);
  Decoder decoder(projection_, session.text_is_unchecked());
  RowStream stream(session, decoder, pass_.context);
  std::optional<Error> failure;
  try {
    co_await start_range(stream, range);
    co_await read_pieces(stream, decoder, range);
    ranges_.learn(begun, stream.rows());
    if (snapshots_ == Snapshots::each_statement) {
      co_await stream.commit();
    }
    Piece end;
    end.range = range;
    end.range_ended = true;
    co_await put(std::move(end));
  } catch (const Error& error) {
    failure = error;
  }
  co_await stream.abandon();
  if (failure) {
    throw Error(*failure);
  }
}

Task<> CtidCopy::close() {
  pass_.stop.request_stop();
  changed_.notify();
  while (reading_ > 0) {
    pieces_.clear();
    changed_.notify();
    co_await changed_.wait();
  }
  co_await readers_.join();
}

}  // namespace rowferry::postgres
