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
/// poll from the mark that was taken before. Without one all readers share one exported snapshot.
class CtidCopy {
 public:
  enum class Snapshots { each_statement, one_for_all };

  /// `progress` from `begin_copy`, or from the position of a killed run.
  CtidCopy(Pass pass, const boost::asio::any_io_executor& executor, CopyProgress progress,
           Snapshots snapshots);

  /// See Source::next; the batch's position is left to the caller. False: everything was read.
  Task<bool> next(Batch& batch);

  /// How far everything handed out is.
  [[nodiscard]] const CopyProgress& progress() const { return progress_; }

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

  Task<> read_ranges();
  Task<> read_range(connections::Lease& lease, std::size_t range);
  Task<> stream_range(connections::Lease& lease, std::size_t range);
  Task<> read_pieces(RowStream& stream, const Decoder& decoder, std::size_t range);
  static Task<> restore_reading(pq::Session& session);
  std::unique_ptr<Batch> spare_batch();
  Task<> begin_snapshot(pq::Session& session);
  Task<> put(Piece piece);
  [[nodiscard]] bool holds_pieces() const;
  Task<> put_held(pq::Session& session);
  [[nodiscard]] double range_rows() const;
  std::optional<std::size_t> take_range();
  void open_next_range();
  void adapt(const OpenRange& range, std::size_t rows);
  [[nodiscard]] const Leaf& leaf(std::uint32_t oid) const;
  void hand_out(Piece& piece);
  void start();

  Pass pass_;
  CopyProgress progress_;
  Snapshots snapshots_;
  Projection projection_;
  std::string incarnation_;
  // Ranges by number, as handed out so far; ended ones are empty.
  std::vector<std::optional<OpenRange>> ranges_;
  std::deque<std::size_t> waiting_ranges_;
  double blocks_per_range_ = 0;
  std::string snapshot_;
  bool snapshot_asked_ = false;

  Event changed_;
  TaskGroup readers_;
  std::size_t reading_ = 0;
  std::deque<Piece> pieces_;
  std::vector<Piece> held_;  // of the only reader, where there is a single session
  std::vector<std::unique_ptr<Batch>> spare_;
  std::exception_ptr failure_;
  bool started_ = false;
};

/// The progress of a copy that begins now: all blocks of all leaves.
[[nodiscard]] CopyProgress begin_copy(const Table& table);

/// Whether a copy can go on where it was: every leaf is the same file still.
[[nodiscard]] bool can_go_on(const CopyProgress& progress, const Table& table);

}  // namespace rowferry::postgres
