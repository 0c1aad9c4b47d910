#include "sources/postgres/key_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"

namespace rowferry::postgres {
namespace {

// Pages of so many rows cost 3 % over one stream.
constexpr std::size_t kPageRows = 50'000;
// A whole takes as long as the sink does. A server that sends nothing is still given up after the
// statement's deadline.
constexpr std::string_view kNoTimeout = "SET LOCAL statement_timeout = 0;";

}  // namespace

KeyCopy::KeyCopy(Pass pass, Order order, std::vector<std::string> key)
    : pass_(std::move(pass)),
      order_(order),
      projection_(
          make_projection(pass_.table, pass_.settings, pass_.schema, copy_purpose(pass_), false)),
      key_(std::move(key)),
      page_rows_(std::min(kPageRows, pass_.settings.chunk_rows)) {}

Task<> KeyCopy::start_statement() {
  lease_ = co_await pass_.borrow(connections::Priority::background);
  co_await pass_.admit(*lease_, incarnation_);
  decoder_.emplace(projection_, lease_->text_is_unchecked());
  stream_.emplace(*lease_, *decoder_, pass_.context);
  StreamFrame frame;
  if (is_whole()) {
    frame.settings = kNoTimeout;
  }
  if (pass_.table.oid != 0) {
    frame.lock = pass_.table.from;
    frame.definition_sql = definition_select(pass_.table);
    frame.definition = pass_.table.definition;
  }
  frame.durable = pass_.shows_what_may_vanish();
  std::string purpose = fmt::format("copying {}", pass_.settings.name());
  std::string sql;
  if (is_whole()) {
    sql = whole_select(pass_, projection_);
  } else if (keyless_) {
    sql = keyless_copy_select(pass_, projection_, page_rows_);
  } else {
    sql = key_page_select(pass_, projection_, key_, page_rows_);
  }
  StopToken stop = pass_.stop;
  co_await stream_->start_framed(std::move(purpose), std::move(sql), std::move(frame),
                                 std::move(stop));
}

// False at the end of a statement.
Task<bool> KeyCopy::read(Batch& batch) {
  if (!stream_) {
    co_await start_statement();
  }
  const bool filled = co_await stream_->fill(batch);
  if (filled && !is_whole() && !keyless_) {
    key_ = decoder_->last_key(batch);
  }
  if (!filled) {
    over_ = ends_with(stream_->rows());
    co_await stream_->commit();
    co_await close();
    failpoint("source.chunk_read");
  }
  co_return filled;
}

// Whether a statement that had so many rows was the last. Behind all pages come the rows that have
// NULL in the key.
bool KeyCopy::ends_with(std::size_t rows) {
  if (is_whole()) {
    return true;
  }
  if (keyless_) {
    refuse_many_keyless(pass_, rows, page_rows_);
    return true;
  }
  const bool pages_ended = rows < page_rows_;
  keyless_ = pages_ended && !pass_.table.nullable_key().empty();
  return pages_ended && !keyless_;
}

Task<bool> KeyCopy::next(Batch& batch) {
  while (!over_) {
    std::optional<Error> failure;
    bool filled = false;
    try {
      const bool has_rows = co_await read(batch);
      filled = has_rows;
    } catch (const Error& error) {
      failure = error;
    }
    if (filled) {
      co_return true;
    }
    if (failure) {
      co_await close();
      if (!may_retry(*failure)) {
        throw Error(*failure);
      }
      page_rows_ = std::max<std::size_t>(1, page_rows_ / 2);
    }
  }
  co_return false;
}

// With a shorter page behind the last row handed out.
bool KeyCopy::may_retry(const Error& error) const {
  const bool halvable = error.failure() == Failure::too_large || error.reason() == "40001";
  return halvable && !is_whole() && page_rows_ > 1;
}

Task<> KeyCopy::close() {
  if (stream_) {
    co_await stream_->abandon();
    stream_.reset();
  }
  lease_.release();
}

}  // namespace rowferry::postgres
