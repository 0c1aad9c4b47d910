#include "sources/postgres/postgres_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sources/postgres/definition.hpp"
#include "sources/postgres/first_mark.hpp"

namespace rowferry::postgres {
namespace {

// An idle job's mark is taken again this often, lest its transaction ids age; and this often a job
// that lost exact mode looks whether it may have it again.
constexpr std::chrono::minutes kRefreshAfter{10};

std::string_view word_of(Mode mode) {
  switch (mode) {
    case Mode::exact:
      return "exact";
    case Mode::overlap:
      return "overlap";
    case Mode::off:
      return "off";
    case Mode::full:
      return "full";
  }
  return "full";
}

}  // namespace

PostgresSource::PostgresSource(SourceSettings settings,
                               std::shared_ptr<connections::PostgresConnection> server,
                               const Runtime& runtime)
    : settings_(std::move(settings)),
      server_(std::move(server)),
      runtime_(runtime),
      incarnations_(std::make_unique<Incarnations>()),
      stop_(runtime.executor) {}

PostgresSource::~PostgresSource() = default;

Pass PostgresSource::make_pass() const {
  return Pass{settings_,     *server_,  *incarnations_, plan_->table,
              plan_->schema, *context_, plan_->mode,    stop_};
}

// Outside of coroutines: g++ 12 miscompiles lists in braces inside them.
void PostgresSource::warn_of_overlap() const {
  runtime_.log.warn(
      "late commits are looked for by overlap only: exact polling needs a table, "
      "its primary server and the role pg_read_all_stats",
      {{"job", settings_.job}, {"overlap_ms", settings_.overlap.count()}});
}

void PostgresSource::warn_of_change(const DefinitionChange& change) const {
  if (!change.added.empty()) {
    runtime_.log.warn(
        "new columns are sent from now on; rows that were sent before get them when "
        "they change, or from a full run (rowferry run --full)",
        {{"job", settings_.job}, {"columns", fmt::to_string(fmt::join(change.added, ", "))}});
  }
  if (!change.removed.empty()) {
    runtime_.log.warn(
        "columns are not read any more; rows that were sent before keep them",
        {{"job", settings_.job}, {"columns", fmt::to_string(fmt::join(change.removed, ", "))}});
  }
}

void PostgresSource::note_bad_end(const std::string& text) const {
  runtime_.log.debug("a reader ended badly", {{"job", settings_.job}, {"error", text}});
}

bool PostgresSource::must_describe() const {
  return !plan_ || (plan_->lost_exact(settings_) &&
                    runtime_.clock.steady_now() - described_at_ > kRefreshAfter);
}

Task<> PostgresSource::describe() {
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  ReadingPlan plan = co_await plan_reading(*lease, settings_);
  plan_ = std::move(plan);
  described_at_ = runtime_.clock.steady_now();
  const bool falls_back =
      settings_.late_commits == LateCommits::exact && plan_->mode == Mode::overlap;
  if (falls_back && !std::exchange(warned_, true)) {
    warn_of_overlap();
  }
}

// New columns are added, other types refused.
void PostgresSource::follow_definition() {
  const Definition now = definition_of(plan_->table, *plan_->schema, settings_.cursor);
  if (position_.definition && *position_.definition != now) {
    const DefinitionChange change = compare(*position_.definition, now);
    refuse_retyped(change, settings_.name());
    warn_of_change(change);
    if (change.reordered) {
      position_.pages.reset();
      position_.doing.reset();
    }
  }
  position_.definition = now;
}

SourceOpened PostgresSource::opened(bool starts_over) const {
  SourceOpened made;
  made.schema = plan_->schema;
  made.starts_over = starts_over;
  made.guarantee = word_of(plan_->mode);
  const auto back = plan_->mode == Mode::exact ? settings_.stamp_slack : settings_.overlap;
  if (plan_->mode == Mode::exact || plan_->mode == Mode::overlap) {
    made.look_back_seconds = std::chrono::duration<double>(back).count();
  }
  if (ctid_copy_) {
    double rows = 0;
    for (const Leaf& leaf : plan_->table.leaves) {
      rows += leaf.rows_per_block * static_cast<double>(leaf.blocks);
    }
    if (rows > 0) {
      made.rows_expected = std::llround(rows);
    }
  }
  return made;
}

Task<SourceOpened> PostgresSource::open(const RunContext& context, Position position) {
  context_ = &context;
  co_await end_pass();
  if (must_describe()) {
    co_await describe();
  }
  failpoint("source.opened");
  take_position(position);
  bool starts_over = false;
  if (plan_->mode == Mode::full) {
    const bool began_anew = co_await open_full_copy();
    starts_over = began_anew;
  } else if (position_.done) {
    follow_definition();
    begin_poll();
  } else {
    const bool began_anew = co_await open_first_copy();
    starts_over = began_anew;
  }
  co_return opened(starts_over);
}

void PostgresSource::take_position(const Position& position) {
  given_ = position;
  handed_out_ = false;
  const bool is_refreshed = refreshed_ && position == refreshed_from_;
  const Position& from = is_refreshed ? *refreshed_ : position;
  if (from != last_end_) {
    window_.clear();
    mark_taken_at_ = {};
  }
  position_ = decode(from);
}

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
  position_ = SourcePosition{};
  CopyProgress progress = begin_copy(plan_->table.leaves);
  progress.by_key = !plan_->by_ctid;
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

void PostgresSource::start_copy(CopyProgress progress) {
  if (progress.by_key) {
    const bool pages = plan_->mode != Mode::full || plan_->pages_full_copy;
    key_copy_ = std::make_unique<KeyCopy>(
        make_pass(), pages ? KeyCopy::Order::pages : KeyCopy::Order::whole, progress.key);
    key_copy_->expect(progress.incarnation);
  } else {
    const auto snapshots = plan_->mode == Mode::full ? CtidCopy::Snapshots::one_for_all
                                                     : CtidCopy::Snapshots::each_statement;
    ctid_copy_ = std::make_unique<CtidCopy>(make_pass(), runtime_.executor, progress, snapshots);
    ctid_copy_->expect(progress.incarnation);
  }
  position_.copy = std::move(progress);
}

void PostgresSource::begin_poll() {
  // Known again when the poll has ended.
  last_end_ = {};
  poll_ = std::make_unique<Poll>(make_pass(), std::move(position_), window_);
  const bool is_old = mark_taken_at_ == SteadyTime{} ||
                      runtime_.clock.steady_now() - mark_taken_at_ > kRefreshAfter;
  if (plan_->mode == Mode::exact && is_old) {
    poll_->refresh_when_idle();
  }
}

Task<bool> PostgresSource::next_of_copy(Batch& batch) {
  bool more = false;
  if (ctid_copy_) {
    const bool has_rows = co_await ctid_copy_->next(batch);
    more = has_rows;
    position_.copy = ctid_copy_->progress();
  } else {
    const bool has_rows = co_await key_copy_->next(batch);
    more = has_rows;
    position_.copy->key = key_copy_->key();
  }
  if (more) {
    handed_out_ = true;
    batch.position = encode(position_);
    co_return true;
  }
  co_await end_pass();
  position_.copy.reset();
  if (plan_->mode == Mode::full) {
    position_.full = true;
    batch.clear(plan_->schema);
    batch.position = encode(position_);
    co_return false;
  }
  position_.done = std::move(position_.doing);
  position_.doing.reset();
  begin_poll();
  co_return co_await next_of_poll(batch);
}

Task<bool> PostgresSource::next_of_poll(Batch& batch) {
  const bool more = co_await poll_->next(batch);
  handed_out_ = handed_out_ || more;
  if (!more) {
    note_end(batch.position);
  }
  co_return more;
}

Task<bool> PostgresSource::next(Batch& batch) {
  if (ctid_copy_ || key_copy_) {
    co_return co_await next_of_copy(batch);
  }
  if (poll_) {
    co_return co_await next_of_poll(batch);
  }
  batch.clear(plan_->schema);
  batch.position = encode(position_);
  co_return false;
}

void PostgresSource::note_end(const Position& final_position) {
  last_end_ = final_position;
  if (poll_->took_mark()) {
    mark_taken_at_ = runtime_.clock.steady_now();
  }
  refreshed_.reset();
  if (!handed_out_ && final_position != given_) {
    refreshed_from_ = given_;
    refreshed_ = final_position;
  }
}

// Also of a pass that was stopped, but not closed. Never throws.
Task<> PostgresSource::end_pass() {
  if (ctid_copy_ || key_copy_ || poll_) {
    stop_.request_stop();
  }
  try {
    if (ctid_copy_) {
      co_await ctid_copy_->close();
    }
    if (key_copy_) {
      co_await key_copy_->close();
    }
    if (poll_) {
      co_await poll_->close();
    }
  } catch (const std::exception& error) {
    note_bad_end(error.what());
  }
  ctid_copy_.reset();
  key_copy_.reset();
  poll_.reset();
  if (stop_.stop_requested()) {
    stop_ = StopToken(runtime_.executor);
  }
}

Task<> PostgresSource::close() {
  co_await end_pass();
  plan_.reset();
  window_.clear();
  last_end_ = {};
  refreshed_.reset();
  mark_taken_at_ = {};
}

}  // namespace rowferry::postgres
