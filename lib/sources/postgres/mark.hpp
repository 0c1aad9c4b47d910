#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/position.hpp"
#include "sources/postgres/decoder.hpp"

namespace rowferry::postgres {

/// A transaction id with its epoch: never wraps.
using FullXid = std::uint64_t;

/// The full id of a raw 32 bit `xmin` that is not in the future of a snapshot with this `xmax`
/// (pg_snapshot_xmax): x = n - ((n - x) mod 2^32), n = xmax - 1.
[[nodiscard]] FullXid full_xid(std::uint32_t raw, FullXid snapshot_xmax);

/// What the next poll starts from.
struct Mark {
  /// Every row stamped before it (less the slack) by a transaction that ended before it was sent.
  /// A timestamptz as the server's text; with `late_commits: off` the greatest cursor seen.
  std::string low;
  /// The snapshot's xmin; 0: there is no snapshot (overlap, off).
  FullXid xmin = 0;
  /// Transactions at or above `xmin` whose rows the snapshot saw: any subset, it only saves
  /// sending rows again.
  std::vector<FullXid> seen;
  /// System identifier, timeline and the checkpointer's start: changes with a crash or failover.
  std::string incarnation;
  /// Of rows that are read on a standby: the end of the primary's log behind the snapshot.
  std::string log_end = {};
};

/// How far a pass over pages is.
struct PageProgress {
  bool nulls = false;            ///< in the pass over rows whose cursor is NULL
  bool keyless = false;          ///< behind it: in the pass over rows with NULL in the key
  bool unbounded = false;        ///< the pass has no time bound: the server's clock went back
  std::string cursor;            ///< the last row's
  std::vector<std::string> key;  ///< the last row's; empty: before the first row
};

/// A range of blocks of a leaf that is not read to its end: rows behind `after`, before `end`.
struct OpenRange {
  std::uint32_t leaf = 0;  ///< its oid
  Tid after;
  std::uint32_t end = 0;
};

/// How far a copy is.
struct CopyProgress {
  struct LeafProgress {
    std::uint32_t oid = 0;
    std::string file;
    std::uint32_t blocks = 0;  ///< when the copy began
    std::uint32_t next = 0;    ///< the first block that no range holds
  };
  std::vector<LeafProgress> leaves;
  std::vector<OpenRange> open;
  std::vector<std::string> key;  ///< a copy by key pages: the last key
  bool by_key = false;
  /// Rows that `where` does not select are handed out as removed.
  bool removes_unselected = false;
  /// Of the server when the copy began; empty where it does not matter.
  std::string incarnation;
};

/// How far a sweep is.
struct SweepProgress {
  /// When the run began that makes it, in microseconds since 1970: a later run sweeps from the
  /// first row, for its asker may mean rows that this one has passed.
  std::int64_t run_started = 0;
  /// Taken before the first page: the base of the next sweep. Without a snapshot where rows have no
  /// transactions.
  Mark mark;
  std::vector<std::string> key;  ///< the last row's; empty: before the first row
};

/// How far the polls of the tombstones are, as `done`, `doing` and `pages` of a position.
struct TombstoneProgress {
  std::string table;  ///< which one, with key and stamp: marks of another say nothing
  Mark done;
  std::optional<Mark> doing;
  std::optional<PageProgress> pages;
};

/// What was read under a position: another definition needs another one.
struct Definition {
  struct Column {
    std::string name;
    std::string type;  ///< of its cells, without a modifier such as a length
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;
  std::vector<std::string> key;
  std::string cursor;
  /// Which table it was (`Table::relation`), and the leaves that were read; empty: not known.
  std::string relation;
  std::vector<std::uint32_t> leaves;
  bool operator==(const Definition&) const = default;
};

/// What a checkpoint holds for this source.
struct SourcePosition {
  std::optional<Mark> done;   ///< the base of the next poll
  std::optional<Mark> doing;  ///< what `done` becomes once this pass, or the copy, is over
  std::optional<PageProgress> pages;
  std::optional<CopyProgress> copy;
  bool sweep = false;  ///< behind a copy: rows that moved without a newer cursor are due
  /// The base of the next sweep: of the last one that was read to its end, at first of the copy.
  std::optional<Mark> swept;
  std::optional<SweepProgress> sweeping;
  std::optional<TombstoneProgress> tombstones;
  bool full = false;  ///< a full copy without a cursor was read to its end
  /// The copy replaces rows of another history: until it has ended the sink may hold those.
  bool unverified = false;
  std::optional<Definition> definition;
};

/// A base of sweeps: the mark without its low mark and with fewer seen transactions (a sweep looks
/// at any time, and sends again what polls have sent since its last one, anyway).
[[nodiscard]] Mark sweep_base(Mark mark);

/// The JSON of a position.
[[nodiscard]] Position encode(const SourcePosition& position);

/// Reads what `encode` made. Throws Error{internal} when it is something else: never "from the
/// beginning" in silence.
[[nodiscard]] SourcePosition decode(const Position& position);

/// The seen transactions of both marks at or above `next.xmin`, at most 100,000.
[[nodiscard]] std::vector<FullXid> merge_seen(const Mark& previous, const Mark& next);

/// Whether the transaction filter of `base` says nothing under a snapshot with this xmax: another
/// incarnation, a counter that went back, or ids so old that they could be mistaken.
[[nodiscard]] bool must_send_all(const Mark& base, const std::string& incarnation,
                                 FullXid snapshot_xmax);

/// Whether two incarnations are of one system and timeline: what was committed in the one, and not
/// only in memory, is in the other. An empty one fits any.
[[nodiscard]] bool is_same_history(std::string_view left, std::string_view right);

/// Throws when the server of `now` went another way than that of a base (an empty one: any):
/// Error{config} when it is another system, Error{stale} of reason kHistoryChanged when it is on
/// another timeline.
void refuse_other_history(std::string_view base, std::string_view now);

}  // namespace rowferry::postgres
