#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "sources/postgres/mark.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/pass.hpp"
#include "sources/postgres/row_stream.hpp"
#include "sources/postgres/sent_window.hpp"

namespace rowferry::postgres {

/// One poll: everything that changed since a base, in cursor order, then the rows whose cursor is
/// NULL. Short statements, one page each, every page in a session of its own.
///
/// Exact mode is the method of PostgreSQL's own transaction ids: `updated_at` only bounds what is
/// looked at; a row is sent when its version was written by a transaction that the base's snapshot
/// did not see.
///
/// A page is handed out only if the table's columns are, behind it, still those that were
/// described.
class Poll {
 public:
  /// `resumed`: a pass that a restart interrupted (`doing` and `pages` of its position). The window
  /// outlives the poll.
  Poll(Pass pass, SourcePosition position, SentWindow& window);

  /// See Source::next. The pass is idle when nothing was found: the position stays the given one.
  Task<bool> next(Batch& batch);

  /// The position after everything handed out, or the final one.
  [[nodiscard]] const SourcePosition& position() const { return position_; }

  /// Takes a new mark even when nothing is found, so that the ids of old ones never grow so old
  /// that they could be mistaken: now and then, and where nobody knows how old the base is.
  void refresh_when_idle() { refresh_ = true; }

  /// Asks for another poll, too, in the one statement that an idle poll costs.
  void ask_beside(Poll& other) { beside_ = &other; }

  /// Whether a mark was taken.
  [[nodiscard]] bool took_mark() const { return took_mark_; }

  /// Ends the statement in flight.
  Task<> close();

 private:
  Task<bool> begin();
  Task<> look_at_base(pq::Session& session);
  Task<std::string> look_at_server(pq::Session& session);
  Task<FullXid> read_teller_xmax(pq::Session& session);
  [[nodiscard]] bool goes_on(const Mark& doing, const std::string& incarnation) const;
  Task<bool> finds_anything(pq::Session& session);
  [[nodiscard]] std::string question() const;
  void hear(const pq::Result& found, int column);
  [[nodiscard]] bool is_moment_known(const pq::Result& found, int column);
  Task<> take_mark(pq::Session& session);
  Task<> take_exact_mark(pq::Session& session);
  Task<> take_clock(pq::Session& session);
  Task<> start_page();
  Task<bool> read_page(Batch& batch);
  Task<> end_page(bool filled);
  void shorten_pages(const Error& failure);
  bool next_section();
  void note_progress(const Batch& batch);
  void drop_sent_rows(Batch& batch);
  void finish();

  Pass pass_;
  SourcePosition position_;
  SentWindow& window_;
  Projection projection_;
  std::string filter_;  ///< the base's test of transactions
  std::string bound_;   ///< the base's bound of time
  std::optional<Decoder> decoder_;
  connections::Lease lease_;
  std::optional<RowStream> stream_;
  // Pages grow up to the greater number again, which only failures lower.
  std::size_t page_rows_max_;
  std::size_t page_rows_;
  Poll* beside_ = nullptr;
  /// What another poll's statement found for this one.
  std::optional<bool> told_;
  bool begun_ = false;
  bool over_ = false;
  bool refresh_ = false;
  bool took_mark_ = false;
};

}  // namespace rowferry::postgres
