#include "engine/ledger.hpp"

#include <utility>

namespace rowferry {
namespace {

bool same_place(const std::optional<Checkpoint>& local, const Checkpoint& truth) {
  return local && local->position == truth.position && local->run_seq == truth.run_seq;
}

}  // namespace

Ledger::Ledger(const Runtime& runtime, StateStore& store, std::string job, std::string unit,
               OnSave on_save)
    : runtime_(runtime),
      store_(store),
      job_(std::move(job)),
      unit_(std::move(unit)),
      on_save_(std::move(on_save)),
      saving_(runtime.executor) {}

Task<> Ledger::load() {
  std::optional<Checkpoint> local = co_await store_.load(job_, unit_);
  take_up(std::move(local));
}

Task<> Ledger::load_from(Sink& sink) {
  CheckpointStore* truth = sink.checkpoints();
  if (truth == nullptr) {
    co_await load();
    co_return;
  }
  std::optional<Checkpoint> checkpoint = co_await truth->load(job_, unit_);
  const std::optional<Checkpoint> local = co_await store_.load(job_, unit_);
  if (checkpoint && !same_place(local, *checkpoint)) {
    Checkpoint copy = *checkpoint;
    co_await save(std::move(copy));
  }
  if (!checkpoint && local) {
    runtime_.log.warn("the sink holds no checkpoint: the job begins anew", {{"job", job_}});
    co_await store_.erase(job_, unit_);
  }
  take_up(std::move(checkpoint));
}

void Ledger::take_up(std::optional<Checkpoint> checkpoint) {
  exists_ = checkpoint.has_value();
  stored_ = exists_ ? *std::move(checkpoint) : Checkpoint{};
  run_seq_ = 0;
  position_ = stored_.position;
  totals_ = stored_.totals;
  run_counters_ = stored_.run_counters;
}

void Ledger::begin_run(std::int64_t run_seq, bool from_start) {
  run_seq_ = run_seq;
  if (goes_on()) {
    return;
  }
  run_counters_ = {};
  if (from_start) {
    position_ = {};
  }
  is_copy_ = position_.empty();
}

void Ledger::start_over() {
  totals_ = totals_ - run_counters_;
  run_counters_ = {};
}

void Ledger::forget_target() {
  position_ = {};
  stored_.position = {};
  stored_.receipt = {};
  stored_.complete = false;
  stored_.definition.clear();
  stored_.target.clear();
}

Checkpoint Ledger::draft(Uncommitted work, bool complete, const JobDefinition& job) const {
  Checkpoint next;
  next.position = std::move(work.position);
  next.receipt = stored_.receipt;
  next.totals = totals_ + work.counters;
  next.run_counters = run_counters_ + work.counters;
  next.run_seq = run_seq_;
  next.complete = complete;
  const bool is_anew = is_copy_ || stored_.definition.empty();
  next.definition = is_anew ? job.definition : stored_.definition;
  next.target = job.sink_text;
  return next;
}

Task<> Ledger::record(Checkpoint flushed, Receipt receipt) {
  const AsyncMutex::Lock lock = co_await saving_.lock();
  flushed.receipt = std::move(receipt);
  Checkpoint copy = flushed;
  co_await save(std::move(copy));
  exists_ = true;
  position_ = flushed.position;
  totals_ = flushed.totals;
  run_counters_ = flushed.run_counters;
  stored_ = std::move(flushed);
}

Task<> Ledger::save_receipt(Receipt receipt) {
  const AsyncMutex::Lock lock = co_await saving_.lock();
  Checkpoint next = stored_;
  next.receipt = std::move(receipt);
  Checkpoint copy = next;
  co_await save(std::move(copy));
  exists_ = true;
  stored_ = std::move(next);
}

Task<> Ledger::save(Checkpoint checkpoint) {
  const SteadyTime begun = runtime_.clock.steady_now();
  co_await store_.save(job_, unit_, std::move(checkpoint));
  on_save_(runtime_.clock.steady_now() - begun);
}

Counters operator-(Counters left, const Counters& right) {
  left.rows_read -= right.rows_read;
  left.rows_written -= right.rows_written;
  left.rows_deleted -= right.rows_deleted;
  left.rows_rejected -= right.rows_rejected;
  left.bytes_read -= right.bytes_read;
  left.bytes_written -= right.bytes_written;
  return left;
}

Counters operator+(Counters left, const Counters& right) { return left += right; }

}  // namespace rowferry
