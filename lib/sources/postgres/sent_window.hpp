#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "core/batch.hpp"

namespace rowferry::postgres {

/// What the last pass of the overlap mode has seen, row by row, so that what the overlap shows
/// again is not sent again. It only saves sending: it lives in memory alone, a row that is not in
/// it is sent, and it holds at most 200,000 rows (some 15 MB), each as a digest of its key and one
/// of its cells.
class SentWindow {
 public:
  /// Notes a row of the pass that goes on. True when the last pass has seen the very same.
  bool note(const Batch& batch, std::size_t row);

  /// The pass is over: its rows are what the next one compares with.
  void end_pass();

  /// Forgets everything: the next pass may begin where the last one did not end, or that one was
  /// broken off, and nobody knows what of it was sent.
  void clear();

 private:
  struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const Digest&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Digest& digest) const { return digest.high; }
  };
  static Digest key_digest(const Batch& batch, std::size_t row);
  static Digest row_digest(const Batch& batch, std::size_t row);

  std::unordered_map<Digest, Digest, Hash> before_;
  std::unordered_map<Digest, Digest, Hash> now_;
};

}  // namespace rowferry::postgres
