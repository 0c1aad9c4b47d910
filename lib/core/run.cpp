#include "core/run.hpp"

#include <array>
#include <utility>

namespace rowferry {
namespace {

constexpr auto kTypes = std::to_array<std::pair<RunType, std::string_view>>({
    {RunType::sync, "sync"},
    {RunType::full, "full"},
    {RunType::backfill, "backfill"},
    {RunType::reconcile, "reconcile"},
    {RunType::validate, "validate"},
    {RunType::rebuild, "rebuild"},
    {RunType::rollback, "rollback"},
    {RunType::sweep, "sweep"},
    {RunType::replay, "replay"},
});

constexpr auto kStates = std::to_array<std::pair<RunState, std::string_view>>({
    {RunState::queued, "queued"},
    {RunState::running, "running"},
    {RunState::succeeded, "succeeded"},
    {RunState::failed, "failed"},
    {RunState::cancelled, "cancelled"},
});

template <class Table, class Value>
std::string_view word_of(const Table& table, Value value) {
  for (const auto& [known, word] : table) {
    if (known == value) {
      return word;
    }
  }
  return {};
}

template <class Value, class Table>
std::optional<Value> value_of(const Table& table, std::string_view wanted) {
  for (const auto& [value, word] : table) {
    if (word == wanted) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(RunType type) { return word_of(kTypes, type); }
std::string_view to_string(RunState state) { return word_of(kStates, state); }

std::optional<RunType> parse_run_type(std::string_view word) {
  return value_of<RunType>(kTypes, word);
}

std::optional<RunState> parse_run_state(std::string_view word) {
  return value_of<RunState>(kStates, word);
}

Counters& Counters::operator+=(const Counters& other) {
  rows_read += other.rows_read;
  rows_written += other.rows_written;
  rows_deleted += other.rows_deleted;
  rows_rejected += other.rows_rejected;
  bytes_read += other.bytes_read;
  bytes_written += other.bytes_written;
  return *this;
}

}  // namespace rowferry
