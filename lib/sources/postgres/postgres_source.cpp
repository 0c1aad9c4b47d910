#include "sources/postgres/postgres_source.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sources/postgres/definition.hpp"
#include "sources/postgres/key_reader.hpp"
#include "sources/postgres/standby.hpp"

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

// What of a leaf is still to be read, by the planner's estimate.
double expected_rows(const CopyProgress::LeafProgress& progress, const std::vector<Leaf>& leaves) {
  const auto found = std::ranges::find(leaves, progress.oid, &Leaf::oid);
  const double blocks = static_cast<double>(progress.blocks) - static_cast<double>(progress.next);
  return found == leaves.end() ? 0 : found->rows_per_block * blocks;
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
  return Pass{settings_,
              *server_,
              *incarnations_,
              plan_->table,
              plan_->schema,
              *context_,
              plan_->mode,
              stop_,
              false,
              {},
              plan_->by_standby ? server_->primary() : nullptr};
}

void PostgresSource::note_bad_end(const std::string& text) const {
  runtime_.log.debug("a reader ended badly", {{"job", settings_.job}, {"error", text}});
}

bool PostgresSource::must_describe() const {
  return !plan_ || (plan_->lost_exact(settings_) &&
                    runtime_.clock.steady_now() - described_at_ > kRefreshAfter);
}

Task<> PostgresSource::describe(const Mark* shown) {
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  if (shown != nullptr && plan_->by_standby) {
    // What the mark shows must lie in the blocks that are counted.
    Pass pass = make_pass();
    pass.log_end = shown->log_end;
    co_await pass.admit(*lease, shown->incarnation);
  }
  ReadingPlan plan = co_await plan_reading(*lease, settings_, *server_);
  plan_ = std::move(plan);
  if (settings_.tombstones && plan_->mode != Mode::full) {
    auto tombstones = co_await look_up_tombstones(*lease, settings_, plan_->table, *server_);
    tombstone_table_ = std::move(tombstones);
  }
  described_at_ = runtime_.clock.steady_now();
  const bool falls_back =
      settings_.late_commits == LateCommits::exact && plan_->mode == Mode::overlap;
  if (falls_back && !std::exchange(warned_, true)) {
    warn_of_overlap();
  }
  if (server_->primary() != nullptr && plan_->mode == Mode::exact && !plan_->by_standby &&
      !std::exchange(told_promotion_, true)) {
    warn_of_promotion();
  }
}

SourceOpened PostgresSource::opened(bool starts_over) const {
  SourceOpened made;
  made.schema = plan_->schema;
  made.starts_over = starts_over;
  made.guarantee = word_of(plan_->mode);
  if (position_.unverified) {
    made.guarantee_after = std::exchange(made.guarantee, "unverified");
  }
  const auto back = plan_->mode == Mode::exact ? settings_.stamp_slack : settings_.overlap;
  if (plan_->mode == Mode::exact || plan_->mode == Mode::overlap) {
    made.look_back_seconds = std::chrono::duration<double>(back).count();
  }
  if (ctid_copy_) {
    double rows = 0;
    for (const auto& leaf : ctid_copy_->progress().leaves) {
      rows += expected_rows(leaf, plan_->table.leaves);
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
  bool starts_over = forget_other_relation();
  if (plan_->mode == Mode::full) {
    const bool began_anew = co_await open_full_copy();
    starts_over = began_anew || starts_over;
  } else if (position_.done && context.type == RunType::sweep) {
    open_sweep();
  } else if (position_.done) {
    co_await open_poll();
  } else {
    const bool began_anew = co_await open_first_copy();
    starts_over = began_anew || starts_over;
  }
  co_return opened(starts_over);
}

std::unique_ptr<Source> PostgresSource::reader_of(std::vector<std::string> keys_json) {
  return std::make_unique<KeyReader>(settings_, server_, runtime_, std::move(keys_json));
}

void PostgresSource::check(const Position& position) const { std::ignore = decode(position); }

void PostgresSource::take_position(const Position& position) {
  given_ = position;
  handed_out_ = false;
  const bool is_refreshed = refreshed_ && position == refreshed_from_;
  const bool is_awaited = awaited_ && position == awaited_from_;
  const Position& refreshed = is_refreshed ? *refreshed_ : position;
  const Position from = is_awaited ? *awaited_ : refreshed;
  if (!is_awaited) {
    awaited_.reset();
  }
  if (from != last_end_) {
    window_.clear();
    mark_taken_at_ = {};
    tombstone_window_.clear();
    tombstone_mark_taken_at_ = {};
  }
  position_ = decode(from);
}

void PostgresSource::begin_poll() {
  // Known again when the poll has ended.
  last_end_ = {};
  poll_ = std::make_unique<Poll>(make_pass(), position_, window_);
  if (plan_->mode == Mode::exact && is_old(mark_taken_at_)) {
    poll_->refresh_when_idle();
  }
  if (tombstone_table_) {
    begin_tombstones();
  }
}

bool PostgresSource::is_old(SteadyTime taken_at) const {
  return taken_at == SteadyTime{} || runtime_.clock.steady_now() - taken_at > kRefreshAfter;
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
  const bool was_by_ctid = ctid_copy_ != nullptr;
  co_await end_pass();
  position_.copy.reset();
  if (plan_->mode == Mode::full) {
    position_.full = true;
    batch.clear(plan_->schema);
    batch.position = encode(position_);
    co_return false;
  }
  if (!position_.done) {
    note_first_copy();
  }
  position_.done = std::move(position_.doing);
  position_.doing.reset();
  position_.definition = definition_of(plan_->table, *plan_->schema, settings_.cursor);
  position_.sweep = was_by_ctid && plan_->mode == Mode::exact;
  end_verification();
  co_await begin_copy_sweep_or_poll();
  co_return co_await next(batch);
}

Task<bool> PostgresSource::next_of_copy_sweep(Batch& batch) {
  const bool more = co_await copy_sweep_->next(batch);
  if (more) {
    handed_out_ = true;
    batch.position = encode(position_);
    co_return true;
  }
  co_await copy_sweep_->close();
  copy_sweep_.reset();
  position_.sweep = false;
  begin_poll();
  co_return co_await next_of_poll(batch);
}

Task<bool> PostgresSource::next_of_poll(Batch& batch) {
  bool more = false;
  try {
    const bool has_rows = co_await poll_->next(batch);
    more = has_rows;
  } catch (const Error& error) {
    if (error.reason() == kStandbyLags && !handed_out_) {
      awaited_from_ = given_;
      awaited_ = encode(poll_->position());
    }
    throw;
  }
  if (!more && tombstones_) {
    const bool more_tombstones = co_await next_of_tombstones(batch);
    more = more_tombstones;
  }
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
  if (copy_sweep_) {
    co_return co_await next_of_copy_sweep(batch);
  }
  if (sweep_) {
    co_return co_await next_of_sweep(batch);
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
  awaited_.reset();
  if (poll_->took_mark()) {
    mark_taken_at_ = runtime_.clock.steady_now();
  }
  if (tombstones_ && tombstones_->poll().took_mark()) {
    tombstone_mark_taken_at_ = runtime_.clock.steady_now();
  }
  refreshed_.reset();
  if (!handed_out_ && final_position != given_) {
    refreshed_from_ = given_;
    refreshed_ = final_position;
  }
}

// Also of a pass that was stopped, but not closed. Never throws.
Task<> PostgresSource::end_pass() {
  if (ctid_copy_ || key_copy_ || copy_sweep_ || sweep_ || poll_) {
    stop_.request_stop();
  }
  try {
    if (ctid_copy_) {
      co_await ctid_copy_->close();
    }
    if (key_copy_) {
      co_await key_copy_->close();
    }
    if (copy_sweep_) {
      co_await copy_sweep_->close();
    }
    if (sweep_) {
      co_await sweep_->close();
    }
    if (poll_) {
      co_await poll_->close();
    }
    if (tombstones_) {
      co_await tombstones_->close();
    }
  } catch (const std::exception& error) {
    note_bad_end(error.what());
  }
  ctid_copy_.reset();
  key_copy_.reset();
  copy_sweep_.reset();
  sweep_.reset();
  poll_.reset();
  tombstones_.reset();
  if (stop_.stop_requested()) {
    stop_ = StopToken(runtime_.executor);
  }
}

Task<> PostgresSource::close() {
  co_await end_pass();
  plan_.reset();
  window_.clear();
  tombstone_window_.clear();
  last_end_ = {};
  refreshed_.reset();
  mark_taken_at_ = {};
  tombstone_mark_taken_at_ = {};
}

void PostgresSource::interrupt() {
  stop_.request_stop();
  if (tombstones_) {
    tombstones_->interrupt();
  }
}

}  // namespace rowferry::postgres
