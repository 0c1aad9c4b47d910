#include "sources/postgres/postgres_source.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "pq/quote.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

constexpr int kTidRangesSince = 140000;
// An idle job's mark is taken again this often, lest its transaction ids age.
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

void check_cursor(const Table& table, const SourceSettings& settings) {
  const Type& type = table.at(settings.cursor).type;
  const bool is_time =
      !type.is_array && (type.element == ColumnType::timestamptz ||
                         type.element == ColumnType::timestamp || type.element == ColumnType::date);
  if (!is_time) {
    throw Error(Failure::config,
                fmt::format("source.cursor: {} of {} is {}; a cursor must be a timestamp or date "
                            "that every change moves forward",
                            settings.cursor, settings.name(), to_string(type)));
  }
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

Pass PostgresSource::make_pass(const RunContext& context) const {
  return Pass{settings_, *server_, *incarnations_, *table_, schema_, context, mode_, stop_};
}

bool PostgresSource::reads_by_ctid() const {
  const bool asked = settings_.read_order != ReadOrder::key;
  return asked && table_->is_heap && tid_ranges_;
}

void PostgresSource::check_read_order() const {
  if (settings_.read_order == ReadOrder::ctid && !reads_by_ctid()) {
    throw Error(
        Failure::config,
        fmt::format("source.read_order: {} cannot be read by ctid: that needs a plain table "
                    "and PostgreSQL 14; use auto or key",
                    settings_.name()));
  }
}

// A sink that holds rows with the old type cannot be trusted to take the new one.
void PostgresSource::check_types() {
  if (sent_schema_ == schema_) {
    return;
  }
  const bool goes_on = position_.done || position_.doing;
  for (const TableColumn& sent : sent_columns_) {
    const TableColumn* now = table_->find(sent.name);
    if (goes_on && now != nullptr && now->source_type != sent.source_type) {
      throw Error(
          Failure::config,
          fmt::format("source.on_type_change: column {} of {} was {} and is {} now; start a "
                      "full run to send all rows with the new type",
                      sent.name, settings_.name(), sent.source_type, now->source_type))
          .with_reason("type_change");
    }
  }
  sent_schema_ = schema_;
  sent_columns_.clear();
  for (const Column& column : schema_->columns) {
    sent_columns_.push_back(table_->at(column.name));
  }
}

Task<Mode> PostgresSource::choose_mode(pq::Session& session) {
  if (settings_.cursor.empty()) {
    co_return Mode::full;
  }
  check_cursor(*table_, settings_);
  if (settings_.late_commits == LateCommits::off) {
    co_return Mode::off;
  }
  if (settings_.late_commits == LateCommits::overlap || !table_->is_heap) {
    co_return Mode::overlap;
  }
  if (co_await is_standby(session)) {
    co_return Mode::overlap;
  }
  const LowMark low = co_await read_low_mark(session);
  const std::string incarnation = co_await read_incarnation(session);
  co_return low.untracked || incarnation.empty() ? Mode::overlap : Mode::exact;
}

// Outside of coroutines: g++ 12 miscompiles lists in braces inside them.
void PostgresSource::warn_of_overlap() const {
  runtime_.log.warn(
      "late commits are looked for by overlap only: exact polling needs a table, "
      "its primary server and the role pg_read_all_stats",
      {{"job", settings_.job}, {"overlap_ms", settings_.overlap.count()}});
}

void PostgresSource::note_bad_end(const std::string& text) const {
  runtime_.log.debug("a reader ended badly", {{"job", settings_.job}, {"error", text}});
}

Task<> PostgresSource::describe() {
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  tid_ranges_ = lease->server_version() >= kTidRangesSince;
  table_ = co_await describe_table(*lease, settings_);
  schema_ = make_schema(*table_, settings_);
  mode_ = co_await choose_mode(*lease);
  check_read_order();
  const bool falls_back = settings_.late_commits == LateCommits::exact && mode_ == Mode::overlap;
  if (falls_back && !std::exchange(warned_, true)) {
    warn_of_overlap();
  }
}

SourceOpened PostgresSource::opened(bool starts_over) const {
  SourceOpened made;
  made.schema = schema_;
  made.starts_over = starts_over;
  made.guarantee = word_of(mode_);
  const auto back = mode_ == Mode::exact ? settings_.stamp_slack : settings_.overlap;
  if (mode_ == Mode::exact || mode_ == Mode::overlap) {
    made.look_back_seconds = std::chrono::duration<double>(back).count();
  }
  if (ctid_copy_) {
    double rows = 0;
    for (const Leaf& leaf : table_->leaves) {
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
  if (stop_.stop_requested()) {
    stop_ = StopToken(runtime_.executor);
  }
  if (!table_) {
    co_await describe();
  }
  ctid_copy_.reset();
  key_copy_.reset();
  poll_.reset();
  handed_out_ = false;
  failpoint("source.opened");
  position_ = decode(position);
  check_types();
  bool starts_over = false;
  if (mode_ == Mode::full) {
    starts_over = position_.copy.has_value();
    co_await describe();
    begin_full_copy(context);
  } else if (position_.done) {
    if (refreshed_ && refreshed_from_ == position) {
      position_ = *refreshed_;
    }
    refreshed_from_ = position;
    begin_poll(context, position_);
  } else if (position_.copy && co_await go_on_with_copy(context)) {
    starts_over = false;
  } else {
    starts_over = position_.copy.has_value();
    co_await begin_first_copy(context);
  }
  co_return opened(starts_over);
}

// The mark that the first poll starts from, taken before the first row of the copy is read.
Task<Mark> PostgresSource::take_first_mark() {
  connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
  if (mode_ == Mode::exact) {
    const LowMark low = co_await read_low_mark(*lease);
    Snapshot snapshot;
    const Pass pass = make_pass(*context_);
    Mark mark = co_await read_snapshot(*lease, table_->from, time_bound(pass, low.low), snapshot);
    mark.low = low.low;
    if (low.prepared) {
      // A prepared transaction began before it was prepared; nothing tells when.
      mark.low = "-infinity";
    }
    co_return mark;
  }
  pq::Statement statement;
  statement.purpose = fmt::format("beginning the copy of {}", settings_.name());
  statement.sql = fmt::format("SELECT (statement_timestamp() - interval '{} milliseconds')::text",
                              settings_.overlap.count());
  if (mode_ == Mode::off) {
    statement.sql = fmt::format("SELECT max(t.{})::text FROM {} AS t",
                                pq::quote_identifier(settings_.cursor), table_->from);
  }
  const pq::Result found = co_await lease->query(statement);
  Mark mark;
  mark.low = found.text(0, 0);
  co_return mark;
}

Task<> PostgresSource::begin_first_copy(const RunContext& context) {
  position_ = SourcePosition{};
  position_.doing = co_await take_first_mark();
  // The blocks are counted after the snapshot: whatever it shows lies in them.
  co_await describe();
  CopyProgress progress = begin_copy(*table_);
  progress.by_key = !reads_by_ctid();
  start_copy(context, std::move(progress));
}

Task<bool> PostgresSource::go_on_with_copy(const RunContext& context) {
  co_await describe();
  const bool by_key = position_.copy->by_key;
  bool same = position_.doing.has_value() && by_key == !reads_by_ctid();
  if (same && mode_ == Mode::exact) {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
    same = co_await incarnations_->of(*lease) == position_.doing->incarnation;
  }
  if (!same || (!by_key && !can_go_on(*position_.copy, *table_))) {
    co_return false;
  }
  start_copy(context, *position_.copy);
  co_return true;
}

void PostgresSource::start_copy(const RunContext& context, CopyProgress progress) {
  if (progress.by_key) {
    key_copy_ = std::make_unique<KeyCopy>(make_pass(context), progress.key);
  } else {
    ctid_copy_ = std::make_unique<CtidCopy>(make_pass(context), runtime_.executor, progress,
                                            CtidCopy::Snapshots::each_statement);
    ctid_copy_->expect(position_.doing->incarnation);
  }
  position_.copy = std::move(progress);
}

void PostgresSource::begin_full_copy(const RunContext& context) {
  position_ = SourcePosition{};
  CopyProgress progress = begin_copy(*table_);
  progress.by_key = !reads_by_ctid();
  if (progress.by_key) {
    key_copy_ = std::make_unique<KeyCopy>(make_pass(context), progress.key);
  } else {
    ctid_copy_ = std::make_unique<CtidCopy>(make_pass(context), runtime_.executor, progress,
                                            CtidCopy::Snapshots::one_for_all);
  }
  position_.copy = std::move(progress);
}

void PostgresSource::begin_poll(const RunContext& context, SourcePosition position) {
  poll_ = std::make_unique<Poll>(make_pass(context), std::move(position), window_);
  const bool is_old = runtime_.clock.steady_now() - mark_taken_at_ > kRefreshAfter;
  if (mode_ == Mode::exact && is_old && mark_taken_at_ != SteadyTime{}) {
    poll_->refresh_when_idle();
  }
}

void PostgresSource::note_copy_progress() {
  if (ctid_copy_) {
    position_.copy = ctid_copy_->progress();
  } else {
    position_.copy->key = key_copy_->key();
  }
}

Task<bool> PostgresSource::next_of_copy(Batch& batch) {
  bool more = false;
  if (ctid_copy_) {
    more = co_await ctid_copy_->next(batch);
  } else {
    more = co_await key_copy_->next(batch);
  }
  if (more) {
    note_copy_progress();
    batch.position = encode(position_);
    co_return true;
  }
  if (ctid_copy_) {
    co_await ctid_copy_->close();
    stop_ = StopToken(runtime_.executor);
  }
  ctid_copy_.reset();
  key_copy_.reset();
  position_.copy.reset();
  if (mode_ == Mode::full) {
    position_.full = true;
    batch.clear(schema_);
    batch.position = encode(position_);
    co_return false;
  }
  position_.done = std::move(position_.doing);
  position_.doing.reset();
  handed_out_ = true;
  begin_poll(*context_, position_);
  co_return co_await poll_->next(batch);
}

Task<bool> PostgresSource::next(Batch& batch) {
  if (ctid_copy_ || key_copy_) {
    co_return co_await next_of_copy(batch);
  }
  if (!poll_) {
    batch.clear(schema_);
    batch.position = encode(position_);
    co_return false;
  }
  const bool more = co_await poll_->next(batch);
  if (more) {
    // From here on only the checkpoint says how far the sink is.
    refreshed_.reset();
    handed_out_ = true;
  } else if (!handed_out_) {
    keep_refreshed_mark();
  }
  co_return more;
}

// A pass that found nothing may have taken a newer mark; nobody saves it, but it is right.
void PostgresSource::keep_refreshed_mark() {
  if (encode(poll_->position()) != refreshed_from_) {
    refreshed_ = poll_->position();
  }
  if (refreshed_ || mark_taken_at_ == SteadyTime{}) {
    mark_taken_at_ = runtime_.clock.steady_now();
  }
}

Task<> PostgresSource::close() {
  stop_.request_stop();
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
  table_.reset();
  window_.clear();
  refreshed_.reset();
}

}  // namespace rowferry::postgres
