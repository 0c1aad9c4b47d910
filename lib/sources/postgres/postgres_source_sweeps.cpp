// How a source sweeps: for rows that the polls cannot see.
#include <chrono>
#include <utility>

#include "sources/postgres/postgres_source.hpp"

namespace rowferry::postgres {

// A position without a base was saved before sweeps were built: what its polls could not see
// nobody has looked for, so all rows are read.
void PostgresSource::open_sweep() {
  follow_columns();
  const auto started = context_->started.time_since_epoch();
  const std::int64_t run_started =
      std::chrono::duration_cast<std::chrono::microseconds>(started).count();
  SweepProgress progress;
  if (position_.sweeping && position_.sweeping->run_started == run_started) {
    progress = *position_.sweeping;
  }
  progress.run_started = run_started;
  sweep_ =
      std::make_unique<Sweep>(make_pass(), position_.swept.value_or(Mark{}), std::move(progress));
}

Task<bool> PostgresSource::next_of_sweep(Batch& batch) {
  const bool more = co_await sweep_->next(batch);
  if (more) {
    position_.sweeping = sweep_->progress();
    batch.position = encode(position_);
    co_return true;
  }
  if (plan_->mode == Mode::exact) {
    position_.swept = sweep_->progress().mark;
  }
  position_.sweeping.reset();
  co_await end_pass();
  batch.clear(plan_->schema);
  batch.position = encode(position_);
  co_return false;
}

}  // namespace rowferry::postgres
