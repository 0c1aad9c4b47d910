#include "pq/copy_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "pq/copy_format.hpp"
#include "pq/wire.hpp"

namespace rowferry::pq {
namespace {

using std::chrono::steady_clock;

/// A short answer is all there when its first bytes are; only a stream is worth letting pile up.
constexpr std::uint64_t kCoalesceAfterBytes = 128u << 10;
/// While we look away for so long the server fills its buffer and is not woken for each 8 KB.
constexpr std::chrono::microseconds kPause{300};
/// A socket that stays empty for longer belongs to a server that computes: wait for it properly.
constexpr int kPausesMax = 3;
/// A row that large leaves libpq with a buffer of its size.
constexpr std::uint64_t kSwellingRowBytes = 16u << 20;

}  // namespace

CopyReader::CopyReader(Wire* wire, bool binary)
    : wire_(wire), binary_(binary), header_due_(binary), quiet_since_(steady_clock::now()) {}

CopyReader::CopyReader(CopyReader&& other) noexcept
    : wire_(std::exchange(other.wire_, nullptr)),
      state_(other.state_),
      block_(std::exchange(other.block_, nullptr)),
      bytes_(other.bytes_),
      bytes_at_wait_(other.bytes_at_wait_),
      binary_(other.binary_),
      header_due_(other.header_due_),
      quiet_since_(other.quiet_since_) {}

CopyReader::~CopyReader() {
  free_block();
  if (wire_ != nullptr && state_ != State::ended && wire_->busy()) {
    wire_->break_off();
  }
}

void CopyReader::free_block() {
  if (block_ != nullptr) {
    Wire::free_block(std::exchange(block_, nullptr));
  }
}

CopyStep CopyReader::next(std::string_view& row) {
  while (true) {
    free_block();
    if (state_ != State::streaming) {
      return state_ == State::ended ? CopyStep::end : CopyStep::wait;
    }
    const int size = wire_->copy_message(&block_);
    if (size <= 0) {
      state_ = size < 0 ? State::finishing : State::streaming;
      return CopyStep::wait;
    }
    bytes_ += static_cast<std::uint64_t>(size);
    row = std::string_view(block_, static_cast<std::size_t>(size));
    if (row.size() >= kSwellingRowBytes) [[unlikely]] {
      wire_->note_swollen();
    }
    if (!binary_ || is_tuple(row)) [[likely]] {
      return CopyStep::row;
    }
  }
}

bool CopyReader::is_tuple(std::string_view& row) {
  if (header_due_) [[unlikely]] {
    header_due_ = false;
    const std::size_t header = binary_copy_header_size(row);
    state_ = header == 0 ? State::damaged : state_;
    row.remove_prefix(header);
  }
  return state_ == State::streaming && !is_binary_copy_trailer(row);
}

Task<> CopyReader::wait() {
  const State state = state_;
  if (state == State::ended) {
    co_return;
  }
  // Whatever is thrown below, a failed stream never looks like one that has ended.
  state_ = State::failed;
  if (state == State::failed || state == State::damaged) {
    co_await wire_->abandon();
    throw Error(Failure::internal,
                "a COPY stream that has failed or begins with an unknown header");
  }
  if (state == State::streaming && !wire_->broken()) {
    co_await read_more();
    state_ = State::streaming;
  } else {
    co_await wire_->finish();
    state_ = State::ended;
  }
}

Task<> CopyReader::read_more() {
  if (bytes_ == bytes_at_wait_) {
    quiet_since_ = std::max(quiet_since_, wire_->last_heard());
  } else {
    quiet_since_ = steady_clock::now();
    bytes_at_wait_ = bytes_;
  }
  if (bytes_ >= kCoalesceAfterBytes) {
    for (int pauses = 0; pauses < kPausesMax && wire_->waiting_bytes() == 0; ++pauses) {
      co_await wire_->pause(kPause);
    }
  }
  co_await wire_->input(wire_->deadline_from(quiet_since_));
}

Task<> CopyReader::abandon() {
  free_block();
  if (state_ != State::ended) {
    state_ = State::failed;
    co_await wire_->abandon();
  }
}

}  // namespace rowferry::pq
