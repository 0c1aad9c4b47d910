#pragma once

#include <memory>

#include "sources/postgres/key_copy.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/pass.hpp"

namespace rowferry::postgres {

/// Every row that a transaction wrote since a base, whatever its cursor says, page by page in key
/// order: what polls cannot see, because the cursor was never moved or was set far back. Where rows
/// have no transactions (views, queries, overlap), every row of the table.
///
/// Pages have snapshots of their own: a row that is changed while it goes on was not seen by the
/// mark that it took before its first page, and is the next sweep's.
class Sweep {
 public:
  /// `base`: the mark of the last sweep; without a snapshot: all rows. `progress`: how far the run
  /// was before it was interrupted; it goes on there on the same incarnation.
  Sweep(Pass pass, Mark base, SweepProgress progress);

  /// See Source::next; the batch's position is left to the caller. False: everything was read.
  Task<bool> next(Batch& batch);

  /// How far it is behind the rows handed out.
  [[nodiscard]] const SweepProgress& progress() const { return progress_; }

  /// Ends the statement in flight. Never throws.
  Task<> close();

 private:
  Task<> begin();
  Task<> begin_exact();
  Task<> take_mark(pq::Session& session);
  void start_over();

  Pass pass_;
  Mark base_;
  SweepProgress progress_;
  std::unique_ptr<KeyCopy> pages_;
  bool over_ = false;
};

}  // namespace rowferry::postgres
