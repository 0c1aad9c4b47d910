#include "sources/postgres/poll.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/sha256.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kWindowMax = 200'000;

std::string key_bytes(const Batch& batch, std::size_t row) {
  std::string key;
  for (const std::size_t column : batch.schema().identity) {
    const std::string_view value = batch.value(row, column);
    key += fmt::format("{}:", value.size());
    key += value;
  }
  return key;
}

std::string row_digest(const Batch& batch, std::size_t row) {
  Sha256 digest;
  digest.update(batch.operation(row) == Operation::remove ? "-" : "+");
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    const Cell& cell = batch.cell(row, column);
    digest.update(cell.is_null() ? std::string("n") : fmt::format("{}:", cell.size));
    digest.update(cell.is_null() ? std::string_view() : batch.value(cell));
  }
  return to_hex(digest.finish());
}

void keep_row(const Batch& batch, std::size_t row, Batch& kept) {
  for (RowIssue issue : batch.issues) {
    if (issue.row == row) {
      issue.row = kept.rows();
      kept.issues.push_back(std::move(issue));
    }
  }
  batch.append_row_to(row, kept);
}

void refuse_untracked(const LowMark& low) {
  if (low.untracked) {
    throw Error(Failure::stale, "the role lost pg_read_all_stats").with_reason("privilege");
  }
}

void refuse_other_server(const Mark& base, const Snapshot& snapshot) {
  if (system_identifier(base.incarnation) != system_identifier(snapshot.incarnation)) {
    throw Error(Failure::config,
                "the server has another system identifier than the one that was copied: point the "
                "connection back, or start a full run to accept the new server")
        .with_reason("system_identifier");
  }
}

bool is_halvable(const Error& error) {
  return error.failure() == Failure::too_large || error.reason() == "40001";
}

}  // namespace

Poll::Poll(Pass pass, SourcePosition position, SentWindow& window)
    : pass_(std::move(pass)),
      position_(std::move(position)),
      window_(window),
      projection_(
          make_projection(pass_.table, pass_.settings, pass_.schema, Purpose::increment, false)),
      page_rows_(std::min(pass_.context.limits.rows_max, pass_.settings.chunk_rows)) {}

Task<bool> Poll::next(Batch& batch) {
  if (!begun_) {
    begun_ = true;
    over_ = !co_await begin();
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
  bool same = true;
  if (pass_.mode == Mode::exact) {
    const std::string incarnation = co_await pass_.incarnations.of(*lease_);
    same = incarnation == position_.done->incarnation;
    if (position_.doing && position_.doing->incarnation != incarnation) {
      position_.doing.reset();
      position_.pages.reset();
    }
  }
  filter_ = transaction_filter(*position_.done, !same);
  bound_ = time_bound(pass_, position_.done->low);
  if (!position_.doing) {
    const bool found = co_await finds_anything(*lease_, same);
    if (!found) {
      lease_.release();
      co_return false;
    }
    co_await check_definition(*lease_);
    co_await take_mark(*lease_);
  }
  if (!position_.pages) {
    position_.pages.emplace();
  }
  lease_.release();
  co_return true;
}

// Columns may have come, gone or changed since the table was described. An idle poll does not care.
Task<> Poll::check_definition(pq::Session& session) {
  const Table now = co_await describe_table(session, pass_.settings);
  if (!has_same_columns(now, pass_.table)) {
    throw Error(Failure::stale, fmt::format("the columns of {} changed: describing it again",
                                            pass_.settings.name()))
        .with_reason("definition");
  }
}

Task<bool> Poll::finds_anything(pq::Session& session, bool known_incarnation) {
  if (!known_incarnation || refresh_) {
    co_return true;
  }
  pq::Statement statement;
  statement.purpose = fmt::format("polling {}", pass_.settings.name());
  statement.sql = any_row_select(pass_, bound_, filter_);
  const pq::Result found = co_await session.query(statement);
  co_return found.boolean(0, 0);
}

Task<> Poll::take_mark(pq::Session& session) {
  if (pass_.mode == Mode::exact) {
    co_await take_exact_mark(session);
    co_return;
  }
  position_.doing.emplace();
  if (pass_.mode == Mode::off) {
    position_.doing->low = position_.done->low;
    co_return;
  }
  pq::Statement statement;
  statement.purpose = "reading the server's clock";
  statement.sql = fmt::format("SELECT (statement_timestamp() - interval '{} milliseconds')::text",
                              pass_.settings.overlap.count());
  const pq::Result now = co_await session.query(statement);
  position_.doing->low = now.text(0, 0);
}

// Everything awaited gets named values: g++ 12 destroys temporaries of conditionals twice.
Task<> Poll::take_exact_mark(pq::Session& session) {
  const Mark base = *position_.done;
  const LowMark low = co_await read_low_mark(session);
  refuse_untracked(low);
  Snapshot snapshot;
  std::string shown = bound_;
  if (shown.empty()) {
    shown = "true";
  }
  Mark next = co_await read_snapshot(session, pass_.table.from, shown, snapshot);
  refuse_other_server(base, snapshot);
  filter_ = transaction_filter(base, must_send_all(base, snapshot.incarnation, snapshot.xmax));
  // A clock that went back could have stamped rows before the bound.
  std::string now = low.now;
  std::string base_low = base.low;
  const bool went_back = co_await is_before(session, std::move(now), std::move(base_low));
  if (went_back) {
    bound_.clear();
  }
  next.low = low.low;
  if (low.prepared) {
    next.low = base.low;
  }
  next.seen = merge_seen(base, next);
  position_.doing = std::move(next);
}

Task<> Poll::start_page() {
  lease_ = co_await pass_.borrow(connections::Priority::live);
  if (pass_.mode == Mode::exact) {
    co_await pass_.incarnations.confirm(*lease_, position_.doing->incarnation);
  }
  decoder_.emplace(projection_, lease_->text_is_unchecked());
  stream_.emplace(*lease_, *decoder_, pass_.context);
  const std::string bound = position_.pages->nulls ? std::string() : bound_;
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
    filled = co_await stream_->fill(batch);
  } catch (const Error& error) {
    failure = error;
  }
  if (failure) {
    co_await close();
    if (!is_halvable(*failure) || page_rows_ == 1) {
      throw Error(*failure);
    }
    page_rows_ = std::max<std::size_t>(1, page_rows_ / 2);
    co_return false;
  }
  const bool was_whole = stream_->ended();
  const bool last_page = was_whole && stream_->rows() < page_rows_;
  if (!was_whole) {
    // The rows are too large for so many in a page: the next ones take what fitted.
    page_rows_ = stream_->rows();
  }
  if (filled) {
    note_progress(batch);
  }
  co_await end_page(filled);
  if (last_page && !next_section()) {
    finish();
  }
  co_return filled;
}

// Rows of asynchronous commits are visible before they are on the server's disk.
Task<> Poll::end_page(bool filled) {
  co_await stream_->abandon();
  stream_.reset();
  if (filled && pass_.mode == Mode::exact) {
    co_await wait_for_flush(*lease_, pass_.stop);
  }
  lease_.release();
}

// From the rows with a cursor to those without; false when there are none.
bool Poll::next_section() {
  const bool has_nulls = pass_.mode != Mode::off && !position_.pages->nulls &&
                         pass_.table.at(pass_.settings.cursor).nullable;
  if (has_nulls) {
    position_.pages = PageProgress{};
    position_.pages->nulls = true;
  }
  return has_nulls;
}

void Poll::note_progress(const Batch& batch) {
  position_.pages->key = decoder_->last_key(batch);
  const auto cursor = decoder_->last_cursor(batch);
  position_.pages->cursor = cursor.value_or("");
  if (pass_.mode == Mode::off && cursor) {
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
    const std::string key = key_bytes(batch, row);
    std::string digest = row_digest(batch, row);
    const auto sent = window_.find(key);
    const bool same = sent != window_.end() && sent->second == digest;
    if (new_window_.size() < kWindowMax) {
      new_window_[key] = std::move(digest);
    }
    if (!same) {
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
  std::swap(window_, new_window_);
}

Task<> Poll::close() {
  if (stream_) {
    co_await stream_->abandon();
    stream_.reset();
  }
  lease_.release();
}

}  // namespace rowferry::postgres
