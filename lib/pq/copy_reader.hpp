#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace rowferry::pq {

class Wire;

/// What `CopyReader::next` found.
enum class CopyStep {
  row,   ///< one row
  wait,  ///< nothing is buffered: `co_await reader.wait()`, then ask again
  end,   ///< the statement has ended well
};

/// The rows of a COPY ... TO STDOUT, without a coroutine switch a row:
///
///     std::string_view row;
///     CopyStep step = reader.next(row);
///     for (; step != CopyStep::end; step = reader.next(row)) {
///       if (step == CopyStep::wait) {
///         co_await reader.wait();
///       } else {
///         take(row);
///       }
///     }
///
/// A row of a binary COPY is one tuple as the manual describes it (COPY, "Binary Format"): a 16 bit
/// field count, then a 32 bit size (-1: null) and the bytes of each field. The stream's header and
/// trailer are taken off. A row of a text COPY is one line.
///
/// Reads are coalesced: as long as the stream is fast, an empty socket is looked at again after a
/// fraction of a millisecond instead of being waited for, so that the server is not woken for each
/// 8 KB that it sends (1.35 times the rows a second, half of our processor time).
class CopyReader {
 public:
  CopyReader(CopyReader&& other) noexcept;
  CopyReader& operator=(CopyReader&&) = delete;
  /// A reader that neither ended nor was abandoned leaves its session unusable.
  ~CopyReader();

  /// The next row, if it is buffered. The bytes live until the next call or the end of the
  /// reader. Never blocks, never throws.
  [[nodiscard]] CopyStep next(std::string_view& row);

  /// Waits until `next` has something to say. Throws the statement's error.
  Task<> wait();

  /// Ends the statement early: cancels it, reads what is left, at most for some seconds. The
  /// session can be used again unless the server did not follow. Never throws; nothing to do after
  /// the end.
  Task<> abandon();

  /// Bytes of all rows so far.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  friend class Session;

  enum class State {
    streaming,
    finishing,  ///< the stream is over, the statement's result is not known yet
    ended,
    failed,
    damaged,  ///< no header that we know
  };

  CopyReader(Wire* wire, bool binary);
  void free_block();
  bool is_tuple(std::string_view& row);
  Task<> read_more();

  Wire* wire_;
  State state_ = State::streaming;
  char* block_ = nullptr;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_at_wait_ = 0;
  bool binary_;
  bool header_due_;
  SteadyTime quiet_since_;
};

}  // namespace rowferry::pq
