#include "engine/dead_letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "base/json_text.hpp"
#include "base/sha256.hpp"
#include "core/row_json.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kRowBytesMax = 256u << 10;
constexpr std::size_t kReasonBytesMax = 4096;
constexpr std::size_t kIdBytes = 16;

std::size_t row_bytes(const Batch& batch, std::size_t row) {
  std::size_t bytes = 0;
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    const Cell& cell = batch.cell(row, column);
    bytes += cell.is_null() ? 0 : cell.size;
  }
  return bytes;
}

std::string key_json(const Batch& batch, std::size_t row) {
  Buffer json;
  append_key_json(batch, row, json);
  return std::string(json.view());
}

// Key and sizes of a row that is too large to keep.
std::string row_sizes(const Batch& batch, std::size_t row) {
  Buffer json;
  json.append(fmt::format(R"({{"key":{},"bytes":{{)", key_json(batch, row)));
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    const Cell& cell = batch.cell(row, column);
    json.append(column == 0 ? "" : ",");
    append_json_string(batch.schema().columns[column].name, json);
    json.append(fmt::format(":{}", cell.is_null() ? 0 : cell.size));
  }
  json.append("}}");
  return std::string(json.view());
}

// What identifies a row without key columns is the row.
std::string identity_json(const Batch& batch, std::size_t row) {
  return batch.schema().identity.empty() ? dead_letter_row(batch, row) : key_json(batch, row);
}

bool found_unfit_by_source(const Batch& batch, std::size_t row) {
  return std::any_of(batch.issues.begin(), batch.issues.end(),
                     [row](const RowIssue& issue) { return issue.row == row; });
}

// At most `kReasonBytesMax` bytes, cut between characters of UTF-8.
std::string shortened(std::string text) {
  if (text.size() > kReasonBytesMax) {
    std::size_t end = kReasonBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
      --end;
    }
    text.resize(end);
  }
  return text;
}

}  // namespace

std::string dead_letter_id(const std::string& job, const std::string& unit,
                           std::string_view key_json) {
  Sha256 hash;
  hash.update(fmt::format("{}\n{}\n", job, unit));
  hash.update(key_json);
  return to_hex(hash.finish()).substr(0, 2 * kIdBytes);
}

std::string dead_letter_row(const Batch& batch, std::size_t row) {
  if (row_bytes(batch, row) > kRowBytesMax) {
    return row_sizes(batch, row);
  }
  try {
    const JsonRowEncoder encoder(batch.schema_pointer());
    Buffer json;
    encoder.append_row(batch, row, json);
    return std::string(json.view());
  } catch (const Error&) {
    // A cell that is no value of its type may be why the row is here.
    return row_sizes(batch, row);
  }
}

/// What a batch changes, each identity once: its last row decides.
struct DeadLetters::Changes {
  std::map<std::string, DeadLetter> added;
  std::set<std::string> delivered;
};

DeadLetters::DeadLetters(const JobSettings& job, const Runtime& runtime, StateStore& store,
                         const Redactor& redactor)
    : job_(job), runtime_(runtime), store_(store), redactor_(redactor) {}

Task<> DeadLetters::load() {
  const std::vector<DeadLetterEntry> entries = co_await store_.dead_letter_index(job_.name);
  bytes_of_.clear();
  bytes_ = 0;
  for (const DeadLetterEntry& entry : entries) {
    bytes_of_[entry.id] = entry.bytes;
    bytes_ += entry.bytes;
  }
}

Task<> DeadLetters::settle(const Batch& batch, std::vector<RowIssue> rejected, Origin origin) {
  if (rejected.empty() && bytes_of_.empty()) {
    co_return;
  }
  Changes changes;
  const auto work = [&]() { collect(batch, rejected, origin, changes); };
  co_await run_blocking(runtime_.workers, work);
  check_limits(changes);
  if (!changes.added.empty()) {
    std::vector<DeadLetter> letters;
    for (const auto& [id, letter] : changes.added) {
      letters.push_back(letter);
    }
    co_await store_.add_dead_letters(std::move(letters));
    failpoint("dead_letters.saved");
    tell(changes);
  }
  if (!changes.delivered.empty()) {
    std::vector<std::string> ids(changes.delivered.begin(), changes.delivered.end());
    co_await store_.erase_dead_letters(job_.name, std::move(ids));
  }
  if (!changes.added.empty() || !changes.delivered.empty()) {
    co_await load();
  }
}

// One line a batch, and the limits bound how many such batches there are.
void DeadLetters::tell(const Changes& changes) const {
  const DeadLetter& first = changes.added.begin()->second;
  runtime_.log.warn("rows were refused: they are in the dead letters",
                    {{"job", job_.name},
                     {"rows", changes.added.size()},
                     {"key", first.key_json},
                     {"reason", first.reason}});
}

void DeadLetters::collect(const Batch& batch, const std::vector<RowIssue>& rejected,
                          const Origin& origin, Changes& changes) const {
  std::map<std::size_t, const RowIssue*> issue_of;
  for (const RowIssue& issue : rejected) {
    issue_of.emplace(issue.row, &issue);
  }
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    const std::string key = identity_json(batch, row);
    const std::string id = dead_letter_id(job_.name, origin.unit, key);
    const auto issue = issue_of.find(row);
    if (issue == issue_of.end()) {
      changes.added.erase(id);
      if (bytes_of_.contains(id)) {
        changes.delivered.insert(id);
      }
      continue;
    }
    changes.delivered.erase(id);
    DeadLetter& letter = changes.added[id];
    letter.id = id;
    letter.job = job_.name;
    letter.unit = origin.unit;
    letter.key_json = key;
    // Of such a row the batch holds the key alone.
    letter.row_json = found_unfit_by_source(batch, row) ? key : dead_letter_row(batch, row);
    letter.reason = shortened(redactor_.redact(issue->second->reason));
    letter.run = origin.run_id;
    letter.time = runtime_.clock.wall_now();
  }
}

void DeadLetters::check_limits(const Changes& changes) const {
  std::size_t rows = bytes_of_.size();
  std::size_t bytes = bytes_;
  for (const auto& [id, letter] : changes.added) {
    const auto known = bytes_of_.find(id);
    rows += known == bytes_of_.end() ? 1 : 0;
    bytes += letter.bytes();
    bytes -= known == bytes_of_.end() ? 0 : known->second;
  }
  const DeadLetterLimits& limits = job_.dead_letters;
  const bool grows = rows > bytes_of_.size() || bytes > bytes_;
  if (!grows || (rows <= limits.rows_max && bytes <= limits.bytes_max)) {
    return;
  }
  throw Error(
      Failure::config,
      fmt::format("dead letters of job {} are full: {} rows of {} bytes, allowed are {} and "
                  "{}; nothing was dropped. Mend the cause, then drop or replay letters or "
                  "raise dead_letters, and resume the job. The last reason: {}",
                  job_.name, rows, bytes, limits.rows_max, limits.bytes_max,
                  changes.added.begin()->second.reason))
      .with_reason("dead_letters_full");
}

}  // namespace rowferry
