// How a source finds rows that were deleted for good: where the application keeps their keys.
#include <utility>

#include "sources/postgres/key_reader.hpp"
#include "sources/postgres/postgres_source.hpp"

namespace rowferry::postgres {

// What changed before the mark of a first copy, the copy shows; what changed since is found from
// that mark on, by polls, sweeps and among the tombstones.
void PostgresSource::note_first_copy() {
  const Mark& mark = *position_.doing;
  position_.tombstones.reset();
  if (plan_->mode == Mode::exact) {
    position_.swept = sweep_base(mark);
  }
  const bool is_base =
      tombstone_table_ && tombstone_table_->plan.mode == plan_->mode && plan_->mode != Mode::off;
  if (is_base) {
    position_.tombstones.emplace();
    position_.tombstones->table = tombstone_table_->identity;
    position_.tombstones->done = mark;
  }
}

// Tombstones without a mark are all read: the sink may hold the rows of any.
void PostgresSource::begin_tombstones() {
  const TombstoneTable& table = *tombstone_table_;
  TombstoneProgress progress;
  progress.table = table.identity;
  if (position_.tombstones && position_.tombstones->table == table.identity) {
    progress = *position_.tombstones;
  }
  Pass pass{table.settings,
            *server_,
            *incarnations_,
            table.plan.table,
            table.plan.schema,
            *context_,
            table.plan.mode,
            stop_,
            false,
            {},
            table.plan.by_standby ? server_->primary() : nullptr};
  auto ask = [this](std::vector<std::string> keys) -> std::unique_ptr<Source> {
    auto reader = std::make_unique<KeyReader>(settings_, server_, runtime_, std::move(keys));
    reader->use(*plan_);
    return reader;
  };
  tombstones_ = std::make_unique<Tombstones>(std::move(pass), plan_->table.key, std::move(progress),
                                             tombstone_window_, std::move(ask));
  if (table.plan.mode == Mode::exact && is_old(tombstone_mark_taken_at_)) {
    tombstones_->poll().refresh_when_idle();
  }
  poll_->ask_beside(tombstones_->poll());
}

// Behind the rows that the poll found: its position is the pass's from there on.
Task<bool> PostgresSource::next_of_tombstones(Batch& batch) {
  position_ = poll_->position();
  const bool more = co_await tombstones_->next(batch);
  position_.tombstones = tombstones_->progress();
  if (!more) {
    batch.clear(plan_->schema);
  }
  batch.position = encode(position_);
  co_return more;
}

}  // namespace rowferry::postgres
