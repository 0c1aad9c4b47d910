#include "state/checkpoint_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/crc32c.hpp"
#include "base/error.hpp"
#include "core/checkpoint_codec.hpp"
#include "sqlite/statement.hpp"

namespace rowferry {
namespace {

constexpr std::array<std::string_view, 2> kTables = {"checkpoints_even", "checkpoints_odd"};

struct Generation {
  std::int64_t number = 0;
  bool sound = false;
  std::string content;
};

std::uint32_t checksum(std::string_view job, std::string_view unit, std::int64_t number,
                       std::string_view content) {
  const std::string head = fmt::format("{}:{}{}:{}{}:", job.size(), job, unit.size(), unit, number);
  return crc32c(content, crc32c(head));
}

std::optional<Generation> read(sqlite::Database& database, std::string_view table,
                               const std::string& job, const std::string& unit) {
  sqlite::Statement statement = database.prepare(
      fmt::format("SELECT generation, crc, content FROM {} WHERE job = ? AND unit = ?", table));
  statement.bind(1, job).bind(2, unit);
  if (!statement.step()) {
    return std::nullopt;
  }
  Generation generation{statement.integer(0), false, statement.text(2)};
  const auto crc = static_cast<std::uint32_t>(statement.integer(1));
  generation.sound = crc == checksum(job, unit, generation.number, generation.content);
  return generation;
}

/// As `read`; a page that SQLite cannot read is a generation that is not sound.
std::optional<Generation> try_read(sqlite::Database& database, std::string_view table,
                                   const std::string& job, const std::string& unit) {
  try {
    return read(database, table, job, unit);
  } catch (const Error& error) {
    if (error.reason() != "corrupt") {
      throw;
    }
    return Generation{};
  }
}

}  // namespace

std::optional<Checkpoint> CheckpointTable::load(const std::string& job, const std::string& unit) {
  std::optional<Generation> best;
  bool damaged = false;
  for (const std::string_view table : kTables) {
    std::optional<Generation> found = try_read(database_, table, job, unit);
    damaged = damaged || (found && !found->sound);
    if (found && found->sound && (!best || best->number < found->number)) {
      best = std::move(found);
    }
  }
  if (damaged && !best) {
    throw Error(Failure::config,
                fmt::format("the checkpoint of job {}{}{} in {} is damaged, and so is the one "
                            "before it. Put a backup of the file in its place, or ask for a full "
                            "copy of the job (rowferry run --full), which needs no checkpoint",
                            job, unit.empty() ? "" : ", unit ", unit, database_.path().string()))
        .with_reason("corrupt");
  }
  if (damaged) {
    log_.warn("a checkpoint is damaged; the sound one of its two generations is used",
              {{"job", job}, {"unit", unit}, {"file", database_.path().string()}});
  }
  return best ? std::optional(decode_checkpoint(best->content)) : std::nullopt;
}

void CheckpointTable::save(const std::string& job, const std::string& unit,
                           const Checkpoint& checkpoint) {
  std::int64_t last = 0;
  for (const std::string_view table : kTables) {
    const std::optional<Generation> found = try_read(database_, table, job, unit);
    last = found && found->sound ? std::max(last, found->number) : last;
  }
  const std::int64_t number = last + 1;
  const std::string content = encode_checkpoint(checkpoint);
  sqlite::Statement statement = database_.prepare(
      fmt::format("INSERT OR REPLACE INTO {} (job, unit, generation, crc, content) "
                  "VALUES (?, ?, ?, ?, ?)",
                  kTables[static_cast<std::size_t>(number % 2)]));
  statement.bind(1, job).bind(2, unit).bind(3, number);
  statement.bind(4, std::int64_t{checksum(job, unit, number, content)}).bind(5, content);
  statement.run();
}

void CheckpointTable::erase(const std::string& job, const std::string& unit) {
  for (const std::string_view table : kTables) {
    sqlite::Statement statement =
        database_.prepare(fmt::format("DELETE FROM {} WHERE job = ? AND unit = ?", table));
    statement.bind(1, job).bind(2, unit).run();
  }
}

std::vector<std::string> CheckpointTable::units(const std::string& job) {
  sqlite::Statement statement = database_.prepare(
      "SELECT unit FROM checkpoints_even WHERE job = ?1 "
      "UNION SELECT unit FROM checkpoints_odd WHERE job = ?1 ORDER BY unit");
  statement.bind(1, job);
  std::vector<std::string> units;
  while (statement.step()) {
    units.push_back(statement.text(0));
  }
  return units;
}

}  // namespace rowferry
