#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <vector>

#include "base/async.hpp"
#include "core/run_context.hpp"
#include "core/source.hpp"
#include "engine/transform_chain.hpp"

namespace rowferry {

/// Reads ahead, so that reading and writing overlap: a task of its own fills batches from an open
/// source and transforms them, until as many are alive as the limits allow. Batches are used again.
class Prefetch {
 public:
  struct Limits {
    std::size_t batches_max = 4;        ///< alive at once: waiting here or taken
    std::size_t bytes_max = 32u << 20;  ///< of them; one batch may exceed it
  };

  /// The references outlive `stop`. `changed` is notified whenever there is something to take, and
  /// at the end.
  Prefetch(Source& source, TransformChain& transforms, const Runtime& runtime, Event& changed,
           const Limits& limits);

  /// Reads one batch here and now; null when the pass is over. Before `start`, and only once.
  Task<BatchPointer> read_first();

  /// Reads the rest in a task of its own.
  void start();

  /// The next batch, or null when none is ready.
  BatchPointer take();

  /// Takes a batch back, for use as another one.
  void give_back(BatchPointer batch);

  /// Whether everything was read and taken, or reading failed and what came before was taken.
  [[nodiscard]] bool ended() const { return ended_ && ready_.empty(); }

  [[nodiscard]] bool failed() const { return failure_ != nullptr; }

  /// After the end: throws what made reading fail, if it did.
  void throw_failure() const;

  /// After an end without failure: the position behind everything.
  [[nodiscard]] const Position& final_position() const { return final_position_; }

  /// Asks the reading task to stop after the batch that it reads, and waits for that.
  Task<> stop();

 private:
  Task<> read_ahead();
  Task<bool> read_one();
  [[nodiscard]] bool has_room() const;

  Source& source_;
  TransformChain& transforms_;
  const Runtime& runtime_;
  Event& changed_;
  Limits limits_;
  Event room_;
  TaskGroup task_;
  std::deque<BatchPointer> ready_;
  std::vector<BatchPointer> free_;
  std::size_t alive_ = 0;
  std::size_t alive_bytes_ = 0;
  bool ended_ = false;
  bool stopping_ = false;
  std::exception_ptr failure_;
  Position final_position_;
};

}  // namespace rowferry
