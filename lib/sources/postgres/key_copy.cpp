#include "sources/postgres/key_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

// Pages of so many rows cost 3 % over one stream.
constexpr std::size_t kPageRows = 50'000;

}  // namespace

KeyCopy::KeyCopy(Pass pass, std::vector<std::string> key)
    : pass_(std::move(pass)),
      projection_(make_projection(pass_.table, pass_.settings, pass_.schema, Purpose::copy, false)),
      key_(std::move(key)),
      page_rows_(std::min(kPageRows, pass_.settings.chunk_rows)) {}

Task<> KeyCopy::start_page() {
  lease_ = co_await pass_.borrow(connections::Priority::background);
  decoder_.emplace(projection_, lease_->text_is_unchecked());
  stream_.emplace(*lease_, *decoder_, pass_.context);
  durable_ = false;
  const std::string sql = key_page_select(pass_, projection_, key_, page_rows_);
  co_await stream_->start(fmt::format("copying {}", pass_.settings.name()), sql);
}

Task<bool> KeyCopy::read(Batch& batch) {
  if (!stream_) {
    co_await start_page();
  }
  const bool filled = co_await stream_->fill(batch);
  if (filled && pass_.waits_for_disk()) {
    co_await wait_until_durable();
  }
  co_return filled;
}

// Once a statement: whatever it shows was committed when it began.
Task<> KeyCopy::wait_until_durable() {
  if (pass_.has_second_session()) {
    if (!std::exchange(durable_, true)) {
      co_await pass_.wait_until_durable_beside();
    }
    co_return;
  }
  if (!stream_->ended()) {
    // The next page goes on behind this batch.
    page_rows_ = stream_->rows();
  }
  co_await stream_->abandon();
  co_await wait_for_flush(*lease_, pass_.stop);
}

Task<bool> KeyCopy::next(Batch& batch) {
  while (!over_) {
    std::optional<Error> failure;
    bool filled = false;
    try {
      filled = co_await read(batch);
    } catch (const Error& error) {
      failure = error;
    }
    if (failure) {
      co_await close();
      const bool halvable =
          failure->failure() == Failure::too_large || failure->reason() == "40001";
      if (!halvable || page_rows_ == 1 || pass_.table.key.empty()) {
        throw Error(*failure);
      }
      page_rows_ = std::max<std::size_t>(1, page_rows_ / 2);
      continue;
    }
    if (filled) {
      if (!pass_.table.key.empty()) {
        key_ = decoder_->last_key(batch);
      }
      co_return true;
    }
    over_ = pass_.table.key.empty() || stream_->rows() < page_rows_;
    co_await close();
    failpoint("source.chunk_read");
  }
  co_return false;
}

Task<> KeyCopy::close() {
  if (stream_) {
    co_await stream_->abandon();
    stream_.reset();
  }
  lease_.release();
}

}  // namespace rowferry::postgres
