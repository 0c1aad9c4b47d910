#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "sources/postgres/mark.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/row_stream.hpp"

namespace rowferry::postgres {

/// Digests of the rows that the overlap shows again, by key: what was sent as it is, is not sent
/// twice. Bounded; a row that is not in it is sent.
using SentWindow = std::unordered_map<std::string, std::string>;

/// One poll: everything that changed since a base, in cursor order, then the rows whose cursor is
/// NULL. Short statements, one page each, every page in a session of its own.
///
/// Exact mode is the method of PostgreSQL's own transaction ids: `updated_at` only bounds what is
/// looked at; a row is sent when its version was written by a transaction that the base's snapshot
/// did not see.
class Poll {
 public:
  /// `resumed`: a pass that a restart interrupted (`doing` and `pages` of its position). The window
  /// outlives the poll.
  Poll(Pass pass, SourcePosition position, SentWindow& window);

  /// See Source::next. The pass is idle when nothing was found: the position stays the given one.
  Task<bool> next(Batch& batch);

  /// The position after everything handed out, or the final one.
  [[nodiscard]] const SourcePosition& position() const { return position_; }

  /// Takes a new mark even when nothing is found, so that old ones do not age for ever.
  void refresh_when_idle() { refresh_ = true; }

  /// Ends the statement in flight.
  Task<> close();

 private:
  Task<bool> begin();
  Task<> check_definition(pq::Session& session);
  Task<bool> finds_anything(pq::Session& session, bool known_incarnation);
  Task<> take_mark(pq::Session& session);
  Task<> take_exact_mark(pq::Session& session);
  Task<> start_page();
  Task<bool> read_page(Batch& batch);
  Task<> end_page(bool filled);
  bool next_section();
  void note_progress(const Batch& batch);
  void drop_sent_rows(Batch& batch);
  void finish();

  Pass pass_;
  SourcePosition position_;
  SentWindow& window_;
  SentWindow new_window_;
  Projection projection_;
  std::string filter_;  ///< the base's test of transactions
  std::string bound_;   ///< the base's bound of time
  std::optional<Decoder> decoder_;
  connections::Lease lease_;
  std::optional<RowStream> stream_;
  std::size_t page_rows_;
  bool begun_ = false;
  bool over_ = false;
  bool refresh_ = false;
};

}  // namespace rowferry::postgres
