#include "sources/postgres/tombstones.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "base/json_text.hpp"
#include "core/cell_json.hpp"

namespace rowferry::postgres {
namespace {

// How many values a type of whole numbers has; 0: it is none.
int width_of(const TableColumn& column) {
  constexpr std::array kWholeNumbers = {"", "smallint", "integer", "bigint"};
  const auto found = std::ranges::find(kWholeNumbers, column.cell_type);
  return found == kWholeNumbers.end() ? 0 : static_cast<int>(found - kWholeNumbers.begin());
}

bool is_text(const TableColumn& column) {
  return column.cell_type == "text" || column.cell_type == "character varying";
}

// Whether each value of a tombstone is a value of the source's column.
bool can_be_key(const TableColumn& tombstone, const TableColumn& source) {
  const bool is_number = width_of(tombstone) > 0 && width_of(tombstone) <= width_of(source);
  return tombstone.cell_type == source.cell_type || is_number ||
         (is_text(tombstone) && is_text(source));
}

void check_key(const Table& tombstones, const Table& source) {
  for (std::size_t place = 0; place < source.key.size(); ++place) {
    const TableColumn& tombstone = tombstones.at(tombstones.key[place]);
    const TableColumn& key = source.at(source.key[place]);
    if (!can_be_key(tombstone, key)) {
      throw Error(Failure::config,
                  fmt::format("column {} of {} is {}, and {} of {} is {}: they must be of one type",
                              tombstone.name, tombstones.name, tombstone.source_type, key.name,
                              source.name, key.source_type));
    }
  }
}

void check_count(const SourceSettings& tombstones, const Table& source) {
  if (tombstones.key.size() != source.key.size()) {
    throw Error(Failure::config,
                fmt::format("key names {} columns, and the key of {} has {} ({}): name one for "
                            "each, in that order",
                            tombstones.key.size(), source.name, source.key.size(),
                            fmt::join(source.key, ", ")));
  }
}

// The same error, told of the part of the configuration that it concerns.
Error about_tombstones(const Error& error) {
  return Error(error.failure(), fmt::format("source.tombstones: {}", error.what()))
      .with_reason(error.reason());
}

TombstoneProgress progress_of(const SourcePosition& position, const std::string& table) {
  TombstoneProgress progress;
  progress.table = table;
  progress.done = *position.done;
  progress.doing = position.doing;
  progress.pages = position.pages;
  return progress;
}

SourcePosition position_of(const TombstoneProgress& progress) {
  SourcePosition position;
  position.done = progress.done;
  position.doing = progress.doing;
  position.pages = progress.pages;
  return position;
}

}  // namespace

SourceSettings tombstone_settings(const SourceSettings& source,
                                  const std::vector<std::string>& key) {
  const TombstoneSettings& tombstones = *source.tombstones;
  SourceSettings made;
  made.job = source.job;
  made.table = tombstones.table;
  made.key = tombstones.key.empty() ? key : tombstones.key;
  made.cursor = tombstones.deleted_at;
  // With the stamp: a key that is deleted twice makes two tombstones that differ.
  made.columns = made.key;
  if (std::ranges::find(made.columns, made.cursor) == made.columns.end()) {
    made.columns.push_back(made.cursor);
  }
  made.late_commits = source.late_commits;
  made.overlap = source.overlap;
  made.stamp_slack = source.stamp_slack;
  made.chunk_rows = source.chunk_rows;
  return made;
}

Task<std::unique_ptr<TombstoneTable>> look_up_tombstones(pq::Session& session,
                                                         const SourceSettings& settings,
                                                         const Table& source,
                                                         connections::PostgresConnection& server) {
  auto made = std::make_unique<TombstoneTable>();
  made->settings = tombstone_settings(settings, source.key);
  std::optional<Error> failure;
  try {
    check_count(made->settings, source);
    ReadingPlan plan = co_await plan_reading(session, made->settings, server);
    made->plan = std::move(plan);
    check_key(made->plan.table, source);
  } catch (const Error& error) {
    failure = about_tombstones(error);
  }
  if (failure) {
    throw Error(*failure);
  }
  const Table& table = made->plan.table;
  made->identity =
      fmt::format("{} {} ({})", table.relation, made->settings.cursor, fmt::join(table.key, ", "));
  co_return made;
}

Tombstones::Tombstones(Pass pass, std::vector<std::string> source_key, TombstoneProgress progress,
                       SentWindow& window, AskForRows ask_for_rows)
    : context_(pass.context),
      source_key_(std::move(source_key)),
      progress_(std::move(progress)),
      poll_(std::move(pass), position_of(progress_), window),
      ask_for_rows_(std::move(ask_for_rows)) {}

Task<bool> Tombstones::next(Batch& batch) {
  while (true) {
    if (rows_) {
      const bool more = co_await rows_->next(batch);
      if (more) {
        co_return true;
      }
      co_await rows_->close();
      rows_.reset();
      note_polled();
    }
    const bool found = co_await poll_.next(found_);
    if (!found) {
      note_polled();
      co_return false;
    }
    std::vector<std::string> keys = keys_of(found_);
    co_await ask(std::move(keys));
  }
}

void Tombstones::note_polled() { progress_ = progress_of(poll_.position(), progress_.table); }

Task<> Tombstones::ask(std::vector<std::string> keys) {
  rows_ = ask_for_rows_(std::move(keys));
  Position nowhere;
  co_await rows_->open(context_, std::move(nowhere));
}

// Each key once; a tombstone with NULL in its key is of no row.
std::vector<std::string> Tombstones::keys_of(const Batch& found) const {
  std::set<std::string> keys;
  Buffer text;
  const Schema& schema = found.schema();
  for (std::size_t row = 0; row < found.rows(); ++row) {
    text.clear();
    bool has_null = false;
    for (std::size_t place = 0; place < source_key_.size(); ++place) {
      const std::size_t column = schema.identity[place];
      const Cell& cell = found.cell(row, column);
      has_null = has_null || cell.is_null();
      if (has_null) {
        break;
      }
      text.append(place == 0 ? '{' : ',');
      append_json_string(source_key_[place], text);
      text.append(':');
      append_cell_json(schema.columns[column].type, found.value(cell), text);
    }
    text.append('}');
    if (!has_null) {
      keys.emplace(text.view());
    }
  }
  return {keys.begin(), keys.end()};
}

void Tombstones::interrupt() {
  if (rows_) {
    rows_->interrupt();
  }
}

Task<> Tombstones::close() {
  if (rows_) {
    co_await rows_->close();
  }
  co_await poll_.close();
}

}  // namespace rowferry::postgres
