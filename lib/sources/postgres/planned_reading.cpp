#include "sources/postgres/planned_reading.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/duration.hpp"
#include "sources/postgres/block_ranges.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/projection.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kKeyPageRows = 50'000;
constexpr std::int64_t kBlockBytes = 8192;

std::string as_copy(const std::string& select) {
  return fmt::format("COPY ({}) TO STDOUT (FORMAT binary)", select);
}

ReadingStatement copying(std::string title, const std::string& select) {
  return {std::move(title), as_copy(select), select, ""};
}

bool reads_key_pages(const ReadingPlan& plan) {
  return plan.mode != Mode::full || plan.pages_full_copy;
}

// The first statement of a first or full copy.
std::vector<ReadingStatement> copy_statements(const PlannedReading& planned) {
  const auto& [pass, plan, base] = planned;
  const SourceSettings& settings = pass.settings;
  const Projection projection =
      make_projection(pass.table, settings, pass.schema, copy_purpose(pass), plan.by_ctid);
  if (plan.by_ctid) {
    BlockRanges ranges(begin_copy(plan.table.leaves), settings.chunk_rows);
    const auto first = ranges.take(plan.table.leaves);
    if (!first) {
      return {};
    }
    const OpenRange& range = ranges.at(*first);
    const auto leaf = std::ranges::find(plan.table.leaves, range.leaf, &Leaf::oid);
    ReadingStatement chunk = copying("copy chunk", range_select(pass, projection, *leaf, range));
    chunk.settings = kRangeSettings;
    return {std::move(chunk)};
  }
  if (reads_key_pages(plan)) {
    const std::size_t rows = std::min(kKeyPageRows, settings.chunk_rows);
    return {copying("copy chunk", key_page_select(pass, projection, {}, rows))};
  }
  return {copying("full copy", whole_select(pass, projection))};
}

std::vector<ReadingStatement> poll_statements(const PlannedReading& planned) {
  const auto& [pass, plan, base] = planned;
  const std::string bound = time_bound(pass, base);
  const std::string filter = transaction_filter(base, false);
  const std::string idle = "SELECT " + any_row_select(pass, base, bound, filter);
  const std::string shape = pass.table.oid == 0 ? "''" : shape_select(pass.table);
  const Projection projection =
      make_projection(pass.table, pass.settings, pass.schema, Purpose::increment, false);
  const std::size_t rows = std::min(pass.context.limits.rows_max, pass.settings.chunk_rows);
  const std::string page =
      page_select(pass, projection, all_of({bound, filter}), PageProgress{}, rows);
  return {{"idle poll", fmt::format("{}, {}", idle, shape), idle, ""}, copying("page", page)};
}

ReadingStatement sweep_statement(const PlannedReading& planned) {
  Pass pass = planned.pass;
  const std::string filter = transaction_filter(planned.base, false);
  pass.condition = filter.empty() ? "true" : filter;
  const Projection projection =
      make_projection(pass.table, pass.settings, pass.schema, copy_purpose(pass), false);
  const std::size_t rows = std::min(kKeyPageRows, pass.settings.chunk_rows);
  return copying("sweep page", key_page_select(pass, projection, {}, rows));
}

std::size_t readers_of(const Pass& pass) {
  const std::size_t sessions = pass.connection.settings().sessions_max;
  return std::min(pass.settings.parallel, std::max<std::size_t>(1, sessions - 1));
}

std::string copy_way(const PlannedReading& planned) {
  const ReadingPlan& plan = planned.plan;
  const std::string_view what =
      plan.mode == Mode::full ? "each run copies" : "the first run copies";
  if (plan.by_ctid) {
    return fmt::format("{} all rows by ranges of blocks, about {} rows each, {} at a time", what,
                       planned.pass.settings.chunk_rows, readers_of(planned.pass));
  }
  return reads_key_pages(plan) ? fmt::format("{} all rows page by page in key order", what)
                               : fmt::format("{} all rows in one statement", what);
}

// How much further a cursor without time zone is looked back at; empty: it has one.
std::string zone_way(const PlannedReading& planned) {
  const SourceSettings& settings = planned.pass.settings;
  const bool has_zone =
      planned.plan.table.at(settings.cursor).type.element == ColumnType::timestamptz;
  if (has_zone || planned.plan.mode == Mode::off) {
    return {};
  }
  return settings.cursor_timezone.empty()
             ? "; and 26 hours further, since nothing says in which time zone"
             : fmt::format("; and 2 hours further, which clocks of {} may be set back",
                           settings.cursor_timezone);
}

std::string poll_way(const PlannedReading& planned) {
  const SourceSettings& settings = planned.pass.settings;
  switch (planned.plan.mode) {
    case Mode::exact:
      if (planned.plan.by_standby) {
        return fmt::format(
            "polls find late commits exactly: the primary, connection {}, tells the transactions, "
            "and rows are read here once the standby has replayed its log so far; stamp_slack {}{}",
            planned.pass.connection.primary()->name(), format_duration(settings.stamp_slack),
            zone_way(planned));
      }
      return fmt::format(
          "polls find late commits exactly: by the transactions that the last one did not see, of "
          "rows stamped at most {} (stamp_slack) before the oldest of these began{}",
          format_duration(settings.stamp_slack), zone_way(planned));
    case Mode::overlap:
      return fmt::format(
          "polls look back {} (overlap), and leave out what was sent and is the same{}",
          format_duration(settings.overlap), zone_way(planned));
    default:
      return "polls read what lies behind the greatest cursor seen; late commits are lost";
  }
}

std::string sweep_way(const ReadingPlan& plan) {
  return plan.mode == Mode::exact
             ? "sweeps read every row that a transaction wrote since the last one, whatever its "
               "cursor says, page by page in key order"
             : "sweeps read all rows page by page in key order";
}

std::string restart_way(const ReadingPlan& plan) {
  if (plan.mode != Mode::full) {
    return "a killed run goes on where it was";
  }
  return plan.pages_full_copy
             ? "a killed run goes on where it was; the rows are of no common instant"
             : "all rows are of one instant, so a killed run starts over";
}

std::string role_of(const std::string& name, const ReadingPlan& plan,
                    const SourceSettings& settings) {
  std::vector<std::string_view> roles;
  const auto& key = plan.table.key;
  if (std::ranges::find(key, name) != key.end()) {
    roles.push_back("key");
  }
  if (name == settings.cursor) {
    roles.push_back("cursor");
  }
  if (name == settings.deleted_column) {
    roles.push_back("deleted");
  }
  return fmt::format("{}", fmt::join(roles, ", "));
}

PlannedColumn planned_column(const std::string& name, const ReadingPlan& plan,
                             const SourceSettings& settings) {
  const TableColumn& column = plan.table.at(name);
  PlannedColumn made;
  made.name = name;
  made.source_type = column.source_type;
  made.cell_type = to_string(column.type);
  made.as_text = column.as_text;
  made.nullable = column.nullable;
  made.role = role_of(name, plan, settings);
  return made;
}

}  // namespace

std::vector<ReadingStatement> reading_statements(const PlannedReading& planned) {
  std::vector<ReadingStatement> statements = copy_statements(planned);
  if (planned.plan.mode != Mode::full) {
    for (ReadingStatement& statement : poll_statements(planned)) {
      statements.push_back(std::move(statement));
    }
  }
  if (planned.pass.settings.sweeps && planned.plan.mode != Mode::full) {
    statements.push_back(sweep_statement(planned));
  }
  return statements;
}

std::vector<ReadingStatement> tombstone_statements(const PlannedReading& planned) {
  std::vector<ReadingStatement> statements = poll_statements(planned);
  for (ReadingStatement& statement : statements) {
    statement.title = "tombstones: " + statement.title;
  }
  return statements;
}

std::vector<std::string> reading_ways(const PlannedReading& planned) {
  const ReadingPlan& plan = planned.plan;
  std::vector<std::string> ways;
  std::string what = plan.table.kind;
  if (plan.table.leaves.size() > 1) {
    what += fmt::format(" of {} partitions or children", plan.table.leaves.size());
  }
  if (!plan.table.leaves.empty()) {
    what += fmt::format(", {:.1f} MiB on disk",
                        static_cast<double>(plan.table.blocks() * kBlockBytes) / (1 << 20));
  }
  ways.push_back(std::move(what));
  ways.push_back(copy_way(planned));
  if (plan.mode != Mode::full) {
    ways.push_back(poll_way(planned));
  }
  if (planned.pass.settings.sweeps && plan.mode != Mode::full) {
    ways.push_back(sweep_way(plan));
  }
  ways.push_back(restart_way(plan));
  if (!plan.table.key.empty()) {
    ways.emplace_back("a row whose key is updated leaves its old identity behind");
  }
  return ways;
}

std::vector<PlannedColumn> planned_columns(const ReadingPlan& plan,
                                           const SourceSettings& settings) {
  std::vector<PlannedColumn> columns;
  for (const Column& column : plan.schema->columns) {
    columns.push_back(planned_column(column.name, plan, settings));
  }
  for (const std::string& name : {settings.cursor, settings.deleted_column}) {
    const bool is_known =
        name.empty() || std::ranges::find(columns, name, &PlannedColumn::name) != columns.end();
    if (!is_known) {
      columns.push_back(planned_column(name, plan, settings));
    }
  }
  return columns;
}

std::vector<PlannedBuffer> reading_buffers(const PlannedReading& planned) {
  const std::size_t batch =
      batch_bytes_bound(planned.pass.context.limits, planned.pass.schema->columns.size());
  if (!planned.plan.by_ctid) {
    return {{"reading: a batch", batch}};
  }
  // One is filled by each reader, and one more each waits, and one is handed out.
  const std::size_t batches = 2 * readers_of(planned.pass) + 1;
  return {{fmt::format("reading: {} batches (parallel: {})", batches, readers_of(planned.pass)),
           batches * batch}};
}

}  // namespace rowferry::postgres
