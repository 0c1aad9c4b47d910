#include "engine/prefetch.hpp"

namespace rowferry {

Prefetch::Prefetch(Source& source, TransformChain& transforms, const Runtime& runtime,
                   Event& changed, const Limits& limits)
    : source_(source),
      transforms_(transforms),
      runtime_(runtime),
      changed_(changed),
      limits_(limits),
      room_(runtime.executor),
      task_(runtime.executor) {}

Task<BatchPointer> Prefetch::read_first() {
  ended_ = !co_await read_one();
  co_return take();
}

void Prefetch::start() {
  if (!ended_) {
    task_.spawn(read_ahead());
  }
}

BatchPointer Prefetch::take() {
  if (ready_.empty()) {
    return nullptr;
  }
  BatchPointer batch = std::move(ready_.front());
  ready_.pop_front();
  return batch;
}

void Prefetch::give_back(BatchPointer batch) {
  --alive_;
  alive_bytes_ -= batch->bytes();
  free_.push_back(std::move(batch));
  room_.notify();
}

void Prefetch::throw_failure() const {
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

Task<> Prefetch::stop() {
  stopping_ = true;
  room_.notify();
  co_await task_.join();
}

bool Prefetch::has_room() const {
  return alive_ == 0 || (alive_ < limits_.batches_max && alive_bytes_ < limits_.bytes_max);
}

Task<> Prefetch::read_ahead() {
  try {
    bool more = true;
    while (more && !stopping_) {
      if (has_room()) {
        more = co_await read_one();
        changed_.notify();
      } else {
        co_await room_.wait();
      }
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  ended_ = true;
  changed_.notify();
}

// False at the end of the pass.
Task<bool> Prefetch::read_one() {
  BatchPointer batch;
  if (free_.empty()) {
    batch = std::make_unique<Batch>();
  } else {
    batch = std::move(free_.back());
    free_.pop_back();
  }
  const bool more = co_await source_.next(*batch);
  if (!more) {
    final_position_ = batch->position;
    co_return false;
  }
  co_await transforms_.apply(*batch, runtime_.workers);
  ++alive_;
  alive_bytes_ += batch->bytes();
  ready_.push_back(std::move(batch));
  co_return true;
}

}  // namespace rowferry
