#include "sources/postgres/poll.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sources/postgres/server_facts.hpp"
#include "sources/postgres/standby.hpp"

namespace rowferry::postgres {
namespace {

// What bounds nothing: a transaction prepared before the first copy may have begun at any time.
constexpr std::string_view kNoLow = "-infinity";

void keep_row(const Batch& batch, std::size_t row, Batch& kept) {
  for (RowIssue issue : batch.issues) {
    if (issue.row == row) {
      issue.row = kept.rows();
      kept.issues.push_back(std::move(issue));
    }
  }
  batch.append_row_to(row, kept);
}

void refuse_untracked(bool untracked) {
  if (untracked) {
    throw Error(Failure::stale, "the role lost pg_read_all_stats").with_reason("privilege");
  }
}

bool is_halvable(const Error& error) {
  return error.failure() == Failure::too_large || error.reason() == "40001";
}

bool is_finite(const std::string& cursor) { return cursor != "infinity" && cursor != kNoLow; }

}  // namespace

Poll::Poll(Pass pass, SourcePosition position, SentWindow& window)
    : pass_(std::move(pass)),
      position_(std::move(position)),
      window_(window),
      projection_(
          make_projection(pass_.table, pass_.settings, pass_.schema, Purpose::increment, false)),
      page_rows_max_(std::min(pass_.context.limits.rows_max, pass_.settings.chunk_rows)),
      page_rows_(page_rows_max_) {}

Task<bool> Poll::next(Batch& batch) {
  if (!begun_) {
    begun_ = true;
    const bool found = co_await begin();
    over_ = !found;
  }
  while (!over_) {
    const bool filled = co_await read_page(batch);
    if (!filled) {
      continue;
    }
    drop_sent_rows(batch);
    if (!batch.empty()) {
      batch.position = encode(position_);
      failpoint("source.page_read");
      co_return true;
    }
  }
  batch.clear(pass_.schema);
  batch.position = encode(position_);
  co_return false;
}

// Prepares the pass; false when there is nothing to read.
Task<bool> Poll::begin() {
  lease_ = co_await pass_.borrow(connections::Priority::live);
  co_await look_at_base(*lease_);
  if (!position_.doing) {
    bool found = refresh_ || told_.value_or(false);
    if (!found && !told_) {
      const bool finds = co_await finds_anything(*lease_);
      found = finds;
    }
    if (!found) {
      lease_.release();
      co_return false;
    }
    position_.pages.emplace();
    co_await take_mark(*lease_);
  }
  if (!position_.pages) {
    position_.pages.emplace();
  }
  lease_.release();
  co_return true;
}

// What the base says of rows; a pass that was interrupted goes on only on the same incarnation.
Task<> Poll::look_at_base(pq::Session& session) {
  const Mark& base = *position_.done;
  bool all = true;
  if (pass_.mode == Mode::exact) {
    const std::string incarnation = co_await look_at_server(session);
    if (position_.doing && !goes_on(*position_.doing, incarnation)) {
      position_.doing.reset();
      position_.pages.reset();
    }
    all = incarnation != base.incarnation;
    refresh_ = refresh_ || all || base.low == kNoLow;
    if (position_.doing && !all) {
      const FullXid xmax = co_await read_teller_xmax(session);
      all = must_send_all(base, incarnation, xmax);
    }
    if (position_.doing) {
      pass_.log_end = position_.doing->log_end;
    }
  }
  filter_ = transaction_filter(base, all);
  if (!position_.pages || !position_.pages->unbounded) {
    bound_ = time_bound(pass_, base);
  }
}

// Of a standby the primary is asked, each time: its sessions outlive its primary's crashes, and how
// old what it shows is only the primary's log tells.
Task<std::string> Poll::look_at_server(pq::Session& session) {
  if (pass_.primary == nullptr) {
    co_return co_await pass_.incarnations.of(session);
  }
  const connections::Lease teller = co_await pass_.borrow_for_mark();
  std::string end = co_await read_log_end(*teller, LogEnd::durable);
  pass_.log_end = std::move(end);
  co_return co_await pass_.incarnations.of(*teller);
}

// Who holds a session borrows no second one of the same server: there may be one only.
Task<FullXid> Poll::read_teller_xmax(pq::Session& session) {
  if (pass_.primary == nullptr) {
    co_return co_await read_xmax(session);
  }
  const connections::Lease teller = co_await pass_.borrow_for_mark();
  co_return co_await read_xmax(*teller);
}

// A mark that says nothing of the log was taken where the rows were read, too.
bool Poll::goes_on(const Mark& doing, const std::string& incarnation) const {
  return doing.incarnation == incarnation && (pass_.primary == nullptr || !doing.log_end.empty());
}

Task<bool> Poll::finds_anything(pq::Session& session) {
  pq::Statement statement;
  statement.purpose = fmt::format("polling {}", pass_.settings.name());
  statement.sql = "SELECT " + question();
  const bool asks_beside = beside_ != nullptr && !beside_->position_.doing;
  if (asks_beside) {
    co_await beside_->look_at_base(session);
    statement.sql += ", " + beside_->question();
  }
  const int columns = asks_beside ? 4 : 2;
  if (pass_.primary != nullptr) {
    // The later of the two ends.
    const bool is_later = asks_beside && !beside_->pass_.log_end.empty();
    statement.sql += ", " + standby_select(is_later ? beside_->pass_.log_end : pass_.log_end);
  }
  std::optional<ReplayWait> wait;
  while (true) {
    const pq::Result found = co_await session.query(statement);
    hear(found, 0);
    if (asks_beside) {
      beside_->hear(found, 2);
    }
    if (!is_moment_known(found, columns) && !*told_) {
      if (!wait) {
        wait.emplace(*pass_.primary, pass_.stop);
      }
      co_await wait->pause();
      continue;
    }
    co_return *told_;
  }
}

// "Nothing new" is said of a moment only if the standby shows that moment; another poll asks again.
bool Poll::is_moment_known(const pq::Result& found, int column) {
  if (pass_.primary == nullptr || has_replayed(found, column, position_.done->incarnation)) {
    return true;
  }
  if (beside_ != nullptr && !beside_->told_.value_or(true)) {
    beside_->told_.reset();
  }
  return false;
}

// Two columns: whether there is anything to send, and what the table is now.
std::string Poll::question() const {
  return fmt::format("{}, {}", any_row_select(pass_, *position_.done, bound_, filter_),
                     pass_.table.oid != 0 ? shape_select(pass_.table) : "''");
}

void Poll::hear(const pq::Result& found, int column) {
  if (pass_.table.oid != 0) {
    refuse_other_definition(pass_.table.shape, found.text(0, column + 1));
  }
  told_ = found.boolean(0, column);
}

Task<> Poll::take_mark(pq::Session& session) {
  position_.doing.emplace();
  if (pass_.mode == Mode::exact) {
    if (pass_.primary == nullptr) {
      co_await take_exact_mark(session);
    } else {
      const connections::Lease teller = co_await pass_.borrow_for_mark();
      co_await take_exact_mark(*teller);
    }
  } else if (pass_.mode == Mode::overlap) {
    co_await take_clock(session);
  } else {
    position_.doing->low = position_.done->low;
  }
  took_mark_ = true;
}

Task<> Poll::take_clock(pq::Session& session) {
  pq::Statement statement;
  statement.purpose = "reading the server's clock";
  statement.sql = fmt::format("SELECT (statement_timestamp() - interval '{} milliseconds')::text",
                              pass_.settings.overlap.count());
  const pq::Result now = co_await session.query(statement);
  position_.doing->low = now.text(0, 0);
}

// On the primary, also where the rows are read on a standby: a standby's snapshot lists no running
// transactions, and what it shows is no subset of what the primary's snapshot shows: a transaction
// that is `seen` there may have committed later, and another standby, or this one behind a restart,
// that has replayed the end of the log need not show it. Whatever the primary's snapshot shows was
// committed before that end, which is read behind it.
// Everything awaited gets named values: g++ 12 destroys temporaries of conditionals twice.
Task<> Poll::take_exact_mark(pq::Session& session) {
  const Mark base = *position_.done;
  const LowMark low = co_await read_low_mark(session, base.low);
  refuse_untracked(low.untracked);
  // A clock that went back could have stamped rows before the bound.
  if (low.went_back) {
    bound_.clear();
    position_.pages->unbounded = true;
  }
  Snapshot snapshot;
  const std::string shown = all_of({bound_with_nulls(pass_, bound_)});
  Mark next = co_await read_snapshot(session, pass_.table.from, shown, snapshot);
  refuse_untracked(snapshot.incarnation.empty());
  refuse_other_history(base.incarnation, snapshot.incarnation);
  filter_ = transaction_filter(base, must_send_all(base, snapshot.incarnation, snapshot.xmax));
  next.low = low.low;
  if (low.prepared) {
    next.low = low.went_back ? kNoLow : std::string_view(base.low);
  }
  next.seen = merge_seen(base, next);
  if (pass_.primary != nullptr) {
    std::string end = co_await read_log_end(session, LogEnd::written);
    next.log_end = std::move(end);
    pass_.log_end = next.log_end;
  }
  position_.doing = std::move(next);
}

Task<> Poll::start_page() {
  lease_ = co_await pass_.borrow(connections::Priority::live);
  if (pass_.mode == Mode::exact) {
    co_await pass_.admit(*lease_, position_.doing->incarnation);
  }
  decoder_.emplace(projection_, lease_->text_is_unchecked());
  stream_.emplace(*lease_, *decoder_, pass_.context);
  std::string bound = position_.pages->nulls ? std::string() : bound_;
  if (position_.pages->keyless) {
    bound = bound_with_nulls(pass_, bound_);
  }
  const std::string sql =
      page_select(pass_, projection_, all_of({bound, filter_}), *position_.pages, page_rows_);
  co_await stream_->start(fmt::format("reading {}", pass_.settings.name()), sql);
}

// One page as one batch; false when it was empty or failed and is asked for again.
Task<bool> Poll::read_page(Batch& batch) {
  std::optional<Error> failure;
  bool filled = false;
  try {
    co_await start_page();
    const bool has_rows = co_await stream_->fill(batch);
    filled = has_rows;
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    co_await close();
    shorten_pages(*failure);
    co_return false;
  }
  // A page that is not read to its end held too many bytes.
  const bool was_whole = stream_->ended();
  const std::size_t rows = stream_->rows();
  if (position_.pages->keyless) {
    refuse_many_keyless(pass_, was_whole ? rows : page_rows_, page_rows_);
  }
  const bool last_page = was_whole && rows < page_rows_;
  co_await end_page(filled);
  page_rows_ = was_whole ? std::min(page_rows_ * 2, page_rows_max_) : rows;
  if (filled && !position_.pages->keyless) {
    note_progress(batch);
  }
  if (last_page && !next_section()) {
    finish();
  }
  co_return filled;
}

// Throws the failure where shorter pages would not help.
void Poll::shorten_pages(const Error& failure) {
  if (!is_halvable(failure) || page_rows_ == 1) {
    throw Error(failure);
  }
  page_rows_ = std::max<std::size_t>(1, page_rows_ / 2);
  page_rows_max_ = page_rows_;
}

// Rows of asynchronous commits are visible before they are on the server's disk.
Task<> Poll::end_page(bool filled) {
  co_await stream_->abandon();
  stream_.reset();
  if (filled && pass_.shows_what_may_vanish()) {
    co_await wait_for_flush(*lease_, pass_.stop);
  }
  if (filled && pass_.table.oid != 0) {
    co_await confirm_definition(*lease_, pass_.table);
  }
  lease_.release();
}

// From the rows with a cursor to those without, and then to those without a key; false when there
// is no other section.
bool Poll::next_section() {
  PageProgress& pages = *position_.pages;
  const bool has_nulls = pass_.mode != Mode::off && !pages.nulls && !pages.keyless &&
                         pass_.table.at(pass_.settings.cursor).nullable;
  const bool has_keyless = !pages.keyless && !pass_.table.nullable_key().empty();
  pages.nulls = has_nulls;
  pages.keyless = !has_nulls && has_keyless;
  pages.cursor.clear();
  pages.key.clear();
  return has_nulls || pages.keyless;
}

void Poll::note_progress(const Batch& batch) {
  position_.pages->key = decoder_->last_key(batch);
  const auto cursor = decoder_->last_cursor(batch);
  position_.pages->cursor = cursor.value_or("");
  if (pass_.mode == Mode::off && cursor && is_finite(*cursor)) {
    position_.doing->low = *cursor;
  }
}

// Overlap shows rows again that were sent: those that are the same still are dropped.
void Poll::drop_sent_rows(Batch& batch) {
  if (pass_.mode != Mode::overlap) {
    return;
  }
  Batch kept;
  kept.clear(batch.schema_pointer());
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    if (!window_.note(batch, row)) {
      keep_row(batch, row, kept);
    }
  }
  kept.sequence = batch.sequence;
  kept.read_at = batch.read_at;
  std::swap(batch, kept);
}

void Poll::finish() {
  over_ = true;
  position_.done = std::move(position_.doing);
  position_.doing.reset();
  position_.pages.reset();
  window_.end_pass();
}

Task<> Poll::close() {
  if (stream_) {
    co_await stream_->abandon();
    stream_.reset();
  }
  lease_.release();
}

}  // namespace rowferry::postgres
