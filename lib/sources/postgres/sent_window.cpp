#include "sources/postgres/sent_window.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "base/sha256.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kRowsMax = 200'000;

void add_cell(const Batch& batch, const Cell& cell, Sha256& digest) {
  digest.update(cell.is_null() ? std::string("n") : fmt::format("{}:", cell.size));
  if (!cell.is_null()) {
    digest.update(batch.value(cell));
  }
}

std::uint64_t word_of(const Sha256::Digest& digest, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, digest.data() + at, sizeof word);
  return word;
}

}  // namespace

SentWindow::Digest SentWindow::key_digest(const Batch& batch, std::size_t row) {
  Sha256 digest;
  for (const std::size_t column : batch.schema().identity) {
    add_cell(batch, batch.cell(row, column), digest);
  }
  const Sha256::Digest bytes = digest.finish();
  return {word_of(bytes, 0), word_of(bytes, sizeof(std::uint64_t))};
}

SentWindow::Digest SentWindow::row_digest(const Batch& batch, std::size_t row) {
  Sha256 digest;
  digest.update(batch.operation(row) == Operation::remove ? "-" : "+");
  for (std::size_t column = 0; column < batch.columns(); ++column) {
    add_cell(batch, batch.cell(row, column), digest);
  }
  const Sha256::Digest bytes = digest.finish();
  return {word_of(bytes, 0), word_of(bytes, sizeof(std::uint64_t))};
}

bool SentWindow::note(const Batch& batch, std::size_t row) {
  const Digest key = key_digest(batch, row);
  const Digest cells = row_digest(batch, row);
  const auto now = now_.find(key);
  const auto before = before_.find(key);
  // A row may come twice in one pass: then what it was at first is what counts.
  const bool same =
      now != now_.end() ? now->second == cells : before != before_.end() && before->second == cells;
  if (now != now_.end()) {
    now->second = cells;
  } else if (now_.size() < kRowsMax) {
    now_.emplace(key, cells);
  } else if (!same && before != before_.end()) {
    before_.erase(before);
  }
  return same;
}

void SentWindow::end_pass() {
  std::swap(before_, now_);
  now_.clear();
}

void SentWindow::clear() {
  before_.clear();
  now_.clear();
}

}  // namespace rowferry::postgres
