#include "state/dead_letter_table.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "sqlite/statement.hpp"

namespace rowferry {
namespace {

DeadLetter read_letter(const sqlite::Statement& row) {
  DeadLetter letter;
  letter.id = row.text(0);
  letter.job = row.text(1);
  letter.unit = row.text(2);
  letter.key_json = row.text(3);
  letter.row_json = row.text(4);
  letter.reason = row.text(5);
  letter.run = row.integer(6);
  letter.time = WallTime(std::chrono::microseconds(row.integer(7)));
  letter.tries = row.integer(8);
  return letter;
}

}  // namespace

void DeadLetterTable::add(const std::vector<DeadLetter>& letters) {
  // A letter that comes again takes a new number, and so its place among the newest.
  sqlite::Statement insert = database_.prepare(
      "INSERT OR REPLACE INTO dead_letters "
      "(id, job, unit, key, row, reason, run, time, tries, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
      "?7, ?8, coalesce((SELECT tries + 1 FROM dead_letters WHERE job = ?2 AND id = ?1), ?9), "
      "?10)");
  for (const DeadLetter& letter : letters) {
    insert.bind(1, letter.id).bind(2, letter.job).bind(3, letter.unit);
    insert.bind(4, letter.key_json).bind(5, letter.row_json).bind(6, letter.reason);
    insert.bind(7, letter.run).bind(8, std::int64_t{letter.time.time_since_epoch().count()});
    insert.bind(9, letter.tries).bind(10, static_cast<std::int64_t>(letter.bytes()));
    insert.run();
  }
}

std::vector<DeadLetter> DeadLetterTable::list(const DeadLetterQuery& query) {
  sqlite::Statement statement = database_.prepare(
      fmt::format("SELECT id, job, unit, key, row, reason, run, time, tries FROM dead_letters "
                  "WHERE job = ?1 {} ORDER BY number DESC LIMIT ?3",
                  query.reason ? "AND instr(reason, ?2) > 0" : ""));
  statement.bind(1, query.job).bind(3, static_cast<std::int64_t>(query.limit));
  if (query.reason) {
    statement.bind(2, *query.reason);
  }
  std::vector<DeadLetter> letters;
  while (statement.step()) {
    letters.push_back(read_letter(statement));
  }
  return letters;
}

std::vector<DeadLetterEntry> DeadLetterTable::index(const std::string& job) {
  sqlite::Statement statement =
      database_.prepare("SELECT id, bytes FROM dead_letters WHERE job = ?");
  statement.bind(1, job);
  std::vector<DeadLetterEntry> index;
  while (statement.step()) {
    index.push_back({statement.text(0), static_cast<std::size_t>(statement.integer(1))});
  }
  return index;
}

DeadLetterTotals DeadLetterTable::totals(const std::string& job) {
  sqlite::Statement statement =
      database_.prepare("SELECT count(*), coalesce(sum(bytes), 0) FROM dead_letters WHERE job = ?");
  statement.bind(1, job);
  if (!statement.step()) {
    return {};
  }
  return {static_cast<std::size_t>(statement.integer(0)),
          static_cast<std::size_t>(statement.integer(1))};
}

void DeadLetterTable::erase(const std::string& job, const std::vector<std::string>& ids) {
  sqlite::Statement statement =
      database_.prepare("DELETE FROM dead_letters WHERE job = ? AND id = ?");
  for (const std::string& id : ids) {
    statement.bind(1, job).bind(2, id).run();
  }
}

}  // namespace rowferry
