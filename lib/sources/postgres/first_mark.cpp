#include "sources/postgres/first_mark.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "pq/quote.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

// Without late commits the greatest cursor; one that is infinite would be the last ever.
std::string low_select(const Pass& pass) {
  if (pass.mode != Mode::off) {
    return fmt::format("SELECT (statement_timestamp() - interval '{} milliseconds')::text",
                       pass.settings.overlap.count());
  }
  const std::string cursor = pq::quote_identifier(pass.settings.cursor);
  return fmt::format("SELECT max(t.{0})::text FROM {1} AS t WHERE isfinite(t.{0})", cursor,
                     pass.table.from);
}

// Whatever its rows are stamped, what has committed before the mark is read behind it.
Task<Mark> take_exact_mark(pq::Session& session, const Pass& pass) {
  Mark before;
  std::vector<FullXid> committed = co_await read_committed(session);
  before.seen = std::move(committed);
  const LowMark low = co_await read_low_mark(session, "");
  Mark bound;
  bound.low = low.low;
  const std::string shown = bound_with_nulls(pass, time_bound(pass, bound));
  Snapshot snapshot;
  Mark mark = co_await read_snapshot(session, pass.table.from, shown, snapshot);
  mark.low = low.low;
  before.incarnation = mark.incarnation;
  mark.seen = merge_seen(before, mark);
  if (low.prepared) {
    // A prepared transaction began before it was prepared; nothing tells when.
    mark.low = "-infinity";
  }
  co_return mark;
}

}  // namespace

Task<Mark> take_first_mark(pq::Session& session, const Pass& pass) {
  if (pass.mode == Mode::exact) {
    co_return co_await take_exact_mark(session, pass);
  }
  pq::Statement statement;
  statement.purpose = fmt::format("beginning the copy of {}", pass.settings.name());
  statement.sql = low_select(pass);
  const pq::Result found = co_await session.query(statement);
  Mark mark;
  mark.low = found.text(0, 0);
  co_return mark;
}

}  // namespace rowferry::postgres
