#include "sources/postgres/ctid_copy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "pq/quote.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

// A statement reads about so many rows: long enough that its start costs nothing, short enough that
// a kill costs little.
constexpr double kRangeRows = 50'000;
// Before anything is known of a table's rows.
constexpr double kRowsPerBlock = 60;
constexpr double kBlocksMax = 65'536;
// Rows must come in the order in which they lie: no parallel scan, nothing but the range of ctid.
constexpr std::string_view kPlainReading =
    "SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off";
constexpr std::string_view kUsualReading =
    "RESET max_parallel_workers_per_gather; RESET enable_seqscan";

Task<> set_reading(pq::Session& session, std::string_view sql) {
  pq::Statement settings;
  settings.purpose = "preparing a reader";
  settings.sql = sql;
  co_await session.execute(settings);
}

bool is_halvable(const Error& error, const OpenRange& range) {
  return (error.failure() == Failure::too_large || error.reason() == "40001") &&
         range.end - range.after.block > 1;
}

}  // namespace

CopyProgress begin_copy(const Table& table) {
  CopyProgress progress;
  for (const Leaf& leaf : table.leaves) {
    CopyProgress::LeafProgress made;
    made.oid = leaf.oid;
    made.file = leaf.file;
    made.blocks = static_cast<std::uint32_t>(leaf.blocks);
    progress.leaves.push_back(std::move(made));
  }
  return progress;
}

bool can_go_on(const CopyProgress& progress, const Table& table) {
  return std::ranges::all_of(progress.leaves, [&table](const auto& known) {
    return std::ranges::any_of(table.leaves, [&known](const Leaf& leaf) {
      return leaf.oid == known.oid && leaf.file == known.file;
    });
  });
}

CtidCopy::CtidCopy(Pass pass, const boost::asio::any_io_executor& executor, CopyProgress progress,
                   Snapshots snapshots)
    : pass_(std::move(pass)),
      progress_(std::move(progress)),
      snapshots_(snapshots),
      projection_(make_projection(pass_.table, pass_.settings, pass_.schema, Purpose::copy, true)),
      changed_(executor),
      readers_(executor) {
  for (const OpenRange& range : progress_.open) {
    waiting_ranges_.push_back(ranges_.size());
    ranges_.emplace_back(range);
  }
}

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
void CtidCopy::hand_out(Piece& piece) {
  if (piece.range_ended) {
    ranges_[piece.range].reset();
    failpoint("source.chunk_read");
  } else {
    ranges_[piece.range]->after = piece.last;
  }
  progress_.open.clear();
  for (const auto& range : ranges_) {
    if (range) {
      progress_.open.push_back(*range);
    }
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

// Cuts the next range from the first leaf that has blocks left.
void CtidCopy::open_next_range() {
  for (auto& known : progress_.leaves) {
    if (known.next >= known.blocks) {
      continue;
    }
    if (blocks_per_range_ == 0) {
      const double estimate = leaf(known.oid).rows_per_block;
      blocks_per_range_ = std::max(1.0, range_rows() / (estimate > 0 ? estimate : kRowsPerBlock));
    }
    const auto size = static_cast<std::uint32_t>(std::min(blocks_per_range_, kBlocksMax));
    OpenRange range;
    range.leaf = known.oid;
    range.after = Tid{known.next, 0};
    range.end = known.blocks - known.next > size ? known.next + size : known.blocks;
    known.next = range.end;
    waiting_ranges_.push_back(ranges_.size());
    ranges_.emplace_back(range);
    progress_.open.push_back(range);
    return;
  }
}

std::optional<std::size_t> CtidCopy::take_range() {
  if (waiting_ranges_.empty()) {
    open_next_range();
  }
  if (waiting_ranges_.empty()) {
    return std::nullopt;
  }
  const std::size_t range = waiting_ranges_.front();
  waiting_ranges_.pop_front();
  return range;
}

// The next ranges hold about as many rows as one statement shall read.
void CtidCopy::adapt(const OpenRange& range, std::size_t rows) {
  const double blocks = range.end - range.after.block;
  const double wanted = range_rows();
  if (rows > 0 && blocks > 0) {
    blocks_per_range_ = std::max(1.0, wanted * blocks / static_cast<double>(rows));
  } else {
    blocks_per_range_ = std::min(kBlocksMax, blocks_per_range_ * 2);
  }
}

Task<> CtidCopy::begin_snapshot(pq::Session& session) {
  pq::Statement statement;
  statement.purpose = "beginning the copy's snapshot";
  statement.sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (!snapshot_asked_) {
    snapshot_asked_ = true;
    statement.sql += "; SELECT pg_export_snapshot()";
    const pq::Result exported = co_await session.query(statement);
    snapshot_ = exported.text(0, 0);
    changed_.notify();
    co_return;
  }
  while (snapshot_.empty() && !failure_) {
    pass_.stop.throw_if_stopped();
    co_await changed_.wait();
  }
  statement.sql += "; SET TRANSACTION SNAPSHOT " + pq::quote_literal(snapshot_);
  co_await session.execute(statement);
}

Task<> CtidCopy::read_ranges() {
  std::exception_ptr failure;
  try {
    connections::Lease lease;
    if (snapshots_ == Snapshots::one_for_all) {
      lease = co_await pass_.borrow(connections::Priority::background);
      co_await begin_snapshot(*lease);
    }
    for (auto range = take_range(); range; range = take_range()) {
      co_await read_range(lease, *range);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  // An exported snapshot lives as long as the transaction that exported it: readers end together.
  --reading_;
  if (failure && !failure_) {
    failure_ = failure;
  }
  changed_.notify();
}

// A range that is too long for one statement is read in halves.
Task<> CtidCopy::read_range(connections::Lease& lease, std::size_t range) {
  while (true) {
    std::optional<Error> failure;
    try {
      co_await stream_range(lease, range);
      co_return;
    } catch (const Error& error) {
      failure = error;
    }
    const bool can_retry = snapshots_ == Snapshots::each_statement && pieces_.empty();
    if (!can_retry || !is_halvable(*failure, *ranges_[range])) {
      throw Error(*failure);
    }
    OpenRange second = *ranges_[range];
    const std::uint32_t middle = second.after.block + (second.end - second.after.block) / 2;
    ranges_[range]->end = std::max(middle, second.after.block + 1);
    second.after = Tid{ranges_[range]->end, 0};
    blocks_per_range_ = std::max(1.0, blocks_per_range_ / 2);
    if (second.after.block < second.end) {
      waiting_ranges_.push_back(ranges_.size());
      ranges_.emplace_back(second);
    }
  }
}

std::unique_ptr<Batch> CtidCopy::spare_batch() {
  if (spare_.empty()) {
    return std::make_unique<Batch>();
  }
  std::unique_ptr<Batch> batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

// Reads the statement's rows piece by piece; the last piece is the range's end.
Task<> CtidCopy::read_pieces(RowStream& stream, const Decoder& decoder, std::size_t range) {
  const bool asks_beside = pass_.waits_for_disk() && pass_.has_second_session();
  bool durable = !asks_beside;
  bool more = true;
  while (more) {
    Piece piece;
    piece.range = range;
    piece.batch = spare_batch();
    more = co_await stream.fill(*piece.batch);
    if (more && !durable) {
      durable = true;
      co_await pass_.wait_until_durable_beside();
    }
    piece.last = decoder.last_tid();
    if (!more) {
      piece.batch.reset();
      piece.range_ended = true;
    }
    if (holds_pieces()) {
      held_.push_back(std::move(piece));
    } else {
      co_await put(std::move(piece));
    }
  }
}

// With a single session the disk can only be asked about when the statement is over.
bool CtidCopy::holds_pieces() const {
  return pass_.waits_for_disk() && !pass_.has_second_session();
}

Task<> CtidCopy::put_held(pq::Session& session) {
  if (!held_.empty()) {
    co_await wait_for_flush(session, pass_.stop);
  }
  for (Piece& piece : held_) {
    co_await put(std::move(piece));
  }
  held_.clear();
}

// The rows that one statement shall read.
double CtidCopy::range_rows() const {
  const std::size_t most =
      holds_pieces() ? pass_.context.limits.rows_max : pass_.settings.chunk_rows;
  return std::min(kRangeRows, static_cast<double>(most));
}

Task<> CtidCopy::stream_range(connections::Lease& lease, std::size_t range) {
  const bool own_lease = !lease.owned();
  if (own_lease) {
    lease = co_await pass_.borrow(connections::Priority::background);
  }
  if (!incarnation_.empty()) {
    co_await pass_.incarnations.confirm(*lease, incarnation_);
  }
  const OpenRange wanted = *ranges_[range];
  Decoder decoder(projection_, lease->text_is_unchecked());
  RowStream stream(*lease, decoder, pass_.context);
  std::optional<Error> failure;
  try {
    co_await set_reading(*lease, kPlainReading);
    const std::string sql = range_select(pass_, projection_, leaf(wanted.leaf), wanted);
    co_await stream.start(fmt::format("copying {}", pass_.settings.name()), sql);
    held_.clear();
    co_await read_pieces(stream, decoder, range);
    co_await put_held(*lease);
    adapt(wanted, stream.rows());
    co_await set_reading(*lease, kUsualReading);
  } catch (const Error& error) {
    failure = error;
  }
  co_await stream.abandon();
  if (failure) {
    co_await restore_reading(*lease);
  }
  if (own_lease) {
    lease.release();
  }
  if (failure) {
    throw Error(*failure);
  }
}

// After a failure the session may be lost; then it is not used again either.
Task<> CtidCopy::restore_reading(pq::Session& session) {
  try {
    if (session.usable() && !session.in_transaction()) {
      co_await set_reading(session, kUsualReading);
    }
  } catch (const Error&) {
    session.forget_stop();
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
