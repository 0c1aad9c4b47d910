#include "engine/pipeline.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "engine/prefetch_limits.hpp"

namespace rowferry {
namespace {

// The least time between two commits that are not needed to go on.
constexpr std::chrono::milliseconds kCommitInterval{250};

bool same_schema(const SchemaPointer& left, const SchemaPointer& right) {
  return left == right || left->fingerprint() == right->fingerprint();
}

}  // namespace

Pipeline::Pipeline(const PassParts& parts, PassHooks hooks, bool commit_soon)
    : parts_(parts),
      hooks_(std::move(hooks)),
      traits_(parts.sink.traits()),
      tools_(delivery_tools()),
      prefetch_(parts.source, parts.transforms, parts.runtime, parts.changed,
                prefetch_limits(traits_, parts.job.settings.batch)),
      writes_(parts.runtime.executor) {
  const SteadyTime now = parts.runtime.clock.steady_now();
  commit_after_ = commit_soon ? now : now + kCommitInterval;
}

Task<PassEnd> Pipeline::run(bool asked_for) {
  std::exception_ptr failure;
  PassEnd end = PassEnd::stopped;
  try {
    end = co_await pass(asked_for);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await wind_up();
  if (failure) {
    std::rethrow_exception(failure);
  }
  co_return end;
}

Task<PassEnd> Pipeline::pass(bool asked_for) {
  const SourceOpened opened = co_await open_source();
  if (parts_.ledger.is_complete()) {
    SchemaPointer schema = parts_.transforms.bind(opened.schema);
    co_await open_sink(std::move(schema));
    co_return PassEnd::complete;
  }
  next_ = co_await prefetch_.read_first();
  hooks_.moved();
  if (next_ == nullptr && !asked_for) {
    parts_.ledger.set_idle_position(prefetch_.final_position());
    co_return PassEnd::idle;
  }
  if (parts_.context.stop.stop_requested()) {
    co_return PassEnd::stopped;
  }
  side_ = Side::state;
  co_await hooks_.begin_run();
  side_ = Side::sink;
  co_await hooks_.check_number(opened);
  side_ = Side::source;
  SchemaPointer schema =
      next_ == nullptr ? parts_.transforms.bind(opened.schema) : next_->schema_pointer();
  co_await open_sink(std::move(schema));
  prefetch_.start();
  if (!co_await move_batches()) {
    co_return PassEnd::stopped;
  }
  uncommitted_.position = prefetch_.final_position();
  co_await commit(true);
  co_return PassEnd::complete;
}

Task<SourceOpened> Pipeline::open_source() {
  side_ = Side::source;
  parts_.context.starts_over = false;
  Position position = parts_.ledger.position();
  SourceOpened opened = co_await parts_.source.open(parts_.context, std::move(position));
  hooks_.moved();
  failpoint("source.opened");
  if (opened.starts_over && parts_.ledger.goes_on() && !parts_.ledger.is_complete()) {
    parts_.context.starts_over = true;
    parts_.ledger.start_over();
  }
  hooks_.opened(opened);
  co_return opened;
}

Task<> Pipeline::open_sink(SchemaPointer schema) {
  side_ = Side::sink;
  sink_schema_ = schema;
  Receipt receipt = parts_.ledger.committed().receipt;
  co_await parts_.sink.open(std::move(schema), parts_.context, std::move(receipt));
  hooks_.sink_opened();
  failpoint("sink.opened");
}

// False when told to stop before everything was read.
Task<bool> Pipeline::move_batches() {
  while (has_more()) {
    if (parts_.context.stop.stop_requested()) {
      co_await stop_moving();
      co_return false;
    }
    throw_write_failure();
    co_await absorb();
    if (commit_is_due()) {
      co_await commit(false);
      continue;
    }
    const bool started = co_await start_next_write();
    if (!started && nothing_to_do()) {
      co_await wait_for_change();
    }
  }
  if (prefetch_.failed()) {
    co_await commit(false);
    side_ = Side::source;
    prefetch_.throw_failure();
  }
  co_return true;
}

bool Pipeline::has_more() const {
  return !slots_.empty() || next_ != nullptr || !prefetch_.ended();
}

bool Pipeline::nothing_to_do() const {
  return has_more() && !first_is_finished() && !write_failure_ &&
         !parts_.context.stop.stop_requested();
}

bool Pipeline::first_is_finished() const {
  return !slots_.empty() && slots_.front()->delivered.has_value();
}

// What is being written is finished and committed; what was only read is forgotten.
Task<> Pipeline::stop_moving() {
  co_await writes_.wait_until_running_at_most(0);
  co_await absorb();
  if (!write_was_cancelled_) {
    throw_write_failure();
  }
  co_await commit(false);
}

// False when nothing can be started now.
Task<bool> Pipeline::start_next_write() {
  if (commit_is_needed() || writing_ >= traits_.writes_in_flight) {
    co_return false;
  }
  if (next_ == nullptr) {
    next_ = prefetch_.take();
  }
  if (next_ == nullptr) {
    co_return false;
  }
  if (!same_schema(next_->schema_pointer(), sink_schema_)) {
    if (!slots_.empty()) {
      co_return false;
    }
    co_await change_schema();
  }
  started_bytes_ += next_->bytes();
  ++started_batches_;
  slots_.push_back(std::make_unique<Slot>());
  slots_.back()->batch = std::move(next_);
  ++writing_;
  writes_.spawn(write(*slots_.back()));
  co_return true;
}

Task<> Pipeline::change_schema() {
  co_await commit(false);
  SchemaPointer schema = next_->schema_pointer();
  co_await open_sink(std::move(schema));
}

Task<> Pipeline::write(Slot& slot) {
  try {
    auto delivered = co_await deliver(*slot.batch, tools_);
    slot.delivered = std::move(delivered);
  } catch (const Error& error) {
    write_was_cancelled_ = error.failure() == Failure::cancelled;
    write_failure_ = std::current_exception();
  } catch (...) {
    write_failure_ = std::current_exception();
  }
  // Before the pass hears of it: the task itself ends a little later.
  --writing_;
  hooks_.moved();
  parts_.changed.notify();
}

void Pipeline::throw_write_failure() {
  if (write_failure_) {
    side_ = Side::sink;
    std::rethrow_exception(write_failure_);
  }
}

// The finished prefix: its rejects become durable, then it may be committed.
Task<> Pipeline::absorb() {
  while (first_is_finished()) {
    side_ = Side::state;
    Slot& slot = *slots_.front();
    DeadLetters::Origin origin;
    origin.unit = parts_.context.unit;
    origin.run_id = hooks_.run_id();
    co_await parts_.dead_letters.settle(*slot.batch, std::move(slot.delivered->rejected),
                                        std::move(origin));
    uncommitted_.position = slot.batch->position;
    uncommitted_.counters += slot.delivered->counters;
    ++uncommitted_.batches;
    prefetch_.give_back(std::move(slot.batch));
    slots_.pop_front();
  }
}

bool Pipeline::commit_is_due() const {
  if (uncommitted_.batches == 0) {
    return false;
  }
  if (traits_.commit_when == CommitWhen::any_write) {
    return has_more() && parts_.runtime.clock.steady_now() >= commit_after_;
  }
  return commit_is_needed() && slots_.empty();
}

// Whether nothing more may be written before a commit.
bool Pipeline::commit_is_needed() const {
  switch (traits_.commit_when) {
    case CommitWhen::bytes:
      return started_bytes_ >= traits_.commit_bytes;
    case CommitWhen::batches:
      return started_batches_ >= traits_.commit_batches;
    case CommitWhen::any_write:
    case CommitWhen::end_of_unit:
      return false;
  }
  return false;
}

Task<> Pipeline::commit(bool complete) {
  const bool early = traits_.commit_when != CommitWhen::end_of_unit && uncommitted_.batches > 0;
  if (!complete && !early) {
    co_return;
  }
  const Counters more = uncommitted_.counters;
  Checkpoint next = parts_.ledger.draft(std::exchange(uncommitted_, {}), complete, parts_.job);
  side_ = Side::sink;
  failpoint("commit.before_flush");
  Receipt receipt = co_await parts_.sink.flush(next);
  failpoint("commit.flushed");
  side_ = Side::state;
  co_await parts_.ledger.record(std::move(next), std::move(receipt));
  failpoint("commit.saved");
  started_bytes_ = 0;
  started_batches_ = 0;
  commit_after_ = parts_.runtime.clock.steady_now() + kCommitInterval;
  hooks_.committed(more);
  hooks_.moved();
}

Task<> Pipeline::wait_for_change() {
  if (traits_.commit_when == CommitWhen::any_write && uncommitted_.batches > 0) {
    const Clock& clock = parts_.runtime.clock;
    co_await clock.wait_for(parts_.changed, commit_after_ - clock.steady_now());
  } else {
    co_await parts_.changed.wait();
  }
}

// Nothing of ours is under way afterwards.
Task<> Pipeline::wind_up() {
  co_await prefetch_.stop();
  co_await writes_.join();
}

DeliveryTools Pipeline::delivery_tools() {
  JobMetrics& metrics = parts_.metrics;
  return {
      parts_.sink,
      parts_.runtime,
      parts_.job.settings.retry,
      parts_.context.stop,
      [&metrics](std::chrono::steady_clock::duration duration) { metrics.observe_write(duration); },
      hooks_.retried};
}

}  // namespace rowferry
