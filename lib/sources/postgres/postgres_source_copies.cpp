// How a source begins its copies, and goes on with them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "sources/postgres/first_mark.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/postgres_source.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {

// True when rows that were handed out before will come again.
Task<bool> PostgresSource::open_full_copy() {
  co_await describe();
  const bool began = position_.copy.has_value();
  Definition now = definition_of(plan_->table, *plan_->schema, settings_.cursor);
  const bool same = position_.definition && *position_.definition == now;
  if (began && same && plan_->pages_full_copy && !position_.copy->key.empty()) {
    start_copy(*position_.copy);
    co_return false;
  }
  const bool removes = must_remove_unselected();
  position_ = SourcePosition{};
  CopyProgress progress = begin_copy(plan_->table.leaves);
  progress.by_key = !plan_->by_ctid;
  progress.removes_unselected = removes;
  if (progress.by_key && plan_->pages_full_copy) {
    position_.definition = std::move(now);
  }
  start_copy(std::move(progress));
  co_return began;
}

Task<bool> PostgresSource::open_first_copy() {
  const bool began = position_.copy.has_value();
  if (began) {
    const bool goes_on = co_await can_go_on_with_copy();
    if (goes_on) {
      follow_definition();
      start_copy(*position_.copy);
      co_return false;
    }
  }
  co_await begin_first_copy();
  co_return began;
}

Task<bool> PostgresSource::can_go_on_with_copy() {
  co_await describe();
  CopyProgress& copy = *position_.copy;
  bool same = position_.doing.has_value() && copy.by_key == !plan_->by_ctid;
  if (same && plan_->mode == Mode::exact) {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
    const std::string incarnation = co_await incarnations_->of(*lease);
    const std::string& known =
        copy.incarnation.empty() ? position_.doing->incarnation : copy.incarnation;
    refuse_other_system(known, incarnation);
    same = known == incarnation;
  }
  if (!same) {
    co_return false;
  }
  if (!copy.by_key) {
    co_return follow_leaves(copy, plan_->table.leaves);
  }
  const Definition now = definition_of(plan_->table, *plan_->schema, settings_.cursor);
  co_return !position_.definition || !compare(*position_.definition, now).reordered;
}

// A copy that starts over keeps its mark: rows that were sent, and then left the copy (softly
// deleted, or no longer where `where` is), are found by the poll from before the first of them.
Task<> PostgresSource::begin_first_copy() {
  std::optional<Mark> kept = std::move(position_.doing);
  const bool same_cursor = position_.definition && position_.definition->cursor == settings_.cursor;
  const bool keeps = position_.copy && kept && same_cursor;
  const bool removes = must_remove_unselected();
  position_ = SourcePosition{};
  Mark mark = co_await take_mark();
  const std::string incarnation = mark.incarnation;
  if (keeps) {
    refuse_other_system(kept->incarnation, incarnation);
    mark = std::move(*kept);
  }
  position_.doing = std::move(mark);
  // The blocks are counted after the snapshot: whatever it shows lies in them.
  co_await describe();
  follow_definition();
  CopyProgress progress = begin_copy(plan_->table.leaves);
  progress.by_key = !plan_->by_ctid;
  progress.removes_unselected = removes;
  progress.incarnation = incarnation;
  start_copy(std::move(progress));
}

Task<Mark> PostgresSource::take_mark() {
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  const Pass pass = make_pass();
  Mark mark = co_await take_first_mark(*lease, pass);
  mark_taken_at_ = runtime_.clock.steady_now();
  co_return mark;
}

// Asked of the run, or of the copy that it goes on with.
bool PostgresSource::must_remove_unselected() const {
  return context_->removes_unselected || (position_.copy && position_.copy->removes_unselected);
}

// Leaves that came to the table since the position was made.
std::vector<Leaf> PostgresSource::new_leaves() const {
  std::vector<Leaf> added;
  if (!position_.definition || position_.definition->relation.empty()) {
    return added;
  }
  const std::vector<std::uint32_t>& known = position_.definition->leaves;
  for (const Leaf& leaf : plan_->table.leaves) {
    if (std::ranges::find(known, leaf.oid) == known.end()) {
      added.push_back(leaf);
    }
  }
  return added;
}

Task<> PostgresSource::open_poll() {
  const std::vector<Leaf> added = new_leaves();
  if (added.empty()) {
    position_.copy.reset();
    follow_definition();
    co_await begin_copy_sweep_or_poll();
    co_return;
  }
  if (!plan_->by_ctid) {
    runtime_.log.warn(
        "partitions came to the table, and they cannot be read alone: all of it is "
        "copied again",
        {{"job", settings_.job}, {"table", settings_.name()}});
    position_ = SourcePosition{};
    co_await begin_first_copy();
    co_return;
  }
  co_await open_copy_of_leaves(added);
}

// Their rows may be older than the base of the next poll: they are copied, then the poll goes on
// from the same base.
Task<> PostgresSource::open_copy_of_leaves(const std::vector<Leaf>& added) {
  follow_columns();
  std::string incarnation;
  if (plan_->mode == Mode::exact) {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
    std::string found = co_await incarnations_->of(*lease);
    incarnation = std::move(found);
  }
  const bool goes_on = position_.copy && position_.copy->incarnation == incarnation &&
                       follow_leaves(*position_.copy, added);
  CopyProgress progress = goes_on ? *position_.copy : begin_copy(added);
  progress.incarnation = std::move(incarnation);
  position_.doing = position_.done;
  position_.pages.reset();
  start_copy(std::move(progress));
}

Task<> PostgresSource::begin_copy_sweep_or_poll() {
  if (position_.sweep) {
    co_await begin_copy_sweep();
  }
  if (!copy_sweep_) {
    position_.sweep = false;
    begin_poll();
  }
}

// While ranges of blocks were read one after the other, an update may have moved a row from one
// that was still to come into one that had passed. The poll finds it by its cursor; where the
// update left the cursor as it was, only its transaction tells. Of what the copy's snapshot did not
// see, one statement, with one snapshot, reads whatever lies before the poll's bound of time.
Task<> PostgresSource::begin_copy_sweep() {
  const Mark& base = *position_.done;
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  const std::string incarnation = co_await incarnations_->of(*lease);
  const FullXid xmax = co_await read_xmax(*lease);
  const bool all = must_send_all(base, incarnation, xmax);
  if (!all && xmax == base.xmin) {
    co_return;  // No transaction has written since.
  }
  Pass pass = make_pass();
  const std::string bound = time_bound(pass, base);
  const std::string before = bound.empty() ? std::string() : fmt::format("NOT ({})", bound);
  pass.condition = all_of({transaction_filter(base, all), before});
  copy_sweep_ =
      std::make_unique<KeyCopy>(std::move(pass), KeyCopy::Order::whole, std::vector<std::string>{});
  copy_sweep_->expect(incarnation);
}

void PostgresSource::start_copy(CopyProgress progress) {
  Pass pass = make_pass();
  pass.removes_unselected = progress.removes_unselected;
  if (progress.by_key) {
    const bool pages = plan_->mode != Mode::full || plan_->pages_full_copy;
    key_copy_ = std::make_unique<KeyCopy>(
        std::move(pass), pages ? KeyCopy::Order::pages : KeyCopy::Order::whole, progress.key);
    key_copy_->expect(progress.incarnation);
  } else {
    const auto snapshots = plan_->mode == Mode::full ? CtidCopy::Snapshots::one_for_all
                                                     : CtidCopy::Snapshots::each_statement;
    ctid_copy_ =
        std::make_unique<CtidCopy>(std::move(pass), runtime_.executor, progress, snapshots);
    ctid_copy_->expect(progress.incarnation);
  }
  position_.copy = std::move(progress);
}

}  // namespace rowferry::postgres
