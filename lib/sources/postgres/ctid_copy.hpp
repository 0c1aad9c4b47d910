#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async.hpp"
#include "sources/postgres/block_ranges.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/row_stream.hpp"

namespace rowferry::postgres {

/// A first or full copy in the order in which rows lie in the table: ranges of blocks, `parallel`
/// at a time, each a short COPY of its own. The position holds the ranges that are not read to
/// their end, each with the last row handed out.
///
/// With a cursor every range has a snapshot of its own: rows that move meanwhile are found by the
/// poll from the mark that was taken before. Each is read in a short transaction that first makes
/// sure that the leaf is the same file still (VACUUM FULL moves rows without touching them), and
/// waits until what its snapshot shows is on the server's disk. Without a cursor all readers share
/// one exported snapshot; then blocks are counted behind it, and a range that fails ends the copy.
class CtidCopy {
 public:
  enum class Snapshots { each_statement, one_for_all };

  /// `progress` from `begin_copy`, or from the position of a killed run.
  CtidCopy(Pass pass, const boost::asio::any_io_executor& executor, CopyProgress progress,
           Snapshots snapshots);

  /// See Source::next; the batch's position is left to the caller. False: everything was read.
  Task<bool> next(Batch& batch);

  /// How far everything handed out is.
  [[nodiscard]] CopyProgress progress() const { return ranges_.progress(); }

  /// Ends all readers. Never throws. Call before destruction.
  Task<> close();

  /// The incarnation that each session must belong to; empty: not asked for.
  void expect(std::string incarnation) { incarnation_ = std::move(incarnation); }

 private:
  // What a reader found: rows of a range, or its end.
  struct Piece {
    std::unique_ptr<Batch> batch;
    std::size_t range = 0;
    Tid last;
    bool range_ended = false;
  };

  void start();
  Task<> read_ranges();
  Task<> read_own_snapshots();
  Task<> read_shared_snapshot();
  Task<> begin_shared_snapshot(pq::Session& session);
  Task<> export_snapshot(pq::Session& session);
  Task<> read_range(std::size_t range);
  Task<> stream_range(pq::Session& session, std::size_t range);
  Task<> start_range(RowStream& stream, std::size_t range);
  Task<> read_pieces(RowStream& stream, const Decoder& decoder, std::size_t range);
  Task<> put(Piece piece);
  Task<> wait_until_handed_out(std::size_t range);
  std::unique_ptr<Batch> spare_batch();
  void hand_out(const Piece& piece);
  [[nodiscard]] const Leaf& leaf(std::uint32_t oid) const;

  Pass pass_;
  CopyProgress beginning_;
  Snapshots snapshots_;
  Projection projection_;
  BlockRanges ranges_;
  std::string incarnation_;
  // One snapshot for all: its name, whether a reader exports it, how many are about to take it, and
  // whether no range is left for those who come later.
  std::string snapshot_;
  bool snapshot_asked_ = false;
  std::size_t joining_ = 0;
  bool all_taken_ = false;

  Event changed_;
  TaskGroup readers_;
  std::size_t reading_ = 0;
  std::deque<Piece> pieces_;
  std::vector<std::unique_ptr<Batch>> spare_;
  std::exception_ptr failure_;
  bool started_ = false;
};

}  // namespace rowferry::postgres
