// Replays of dead letters, and checkpoints that operators set.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "engine/control.hpp"
#include "engine/runner.hpp"

namespace rowferry {

bool Runner::is_replay() const { return live_ && live_->run.type == RunType::replay; }

Source& Runner::source() { return replay_ ? *replay_ : connectors_->source(); }

// The stored row is never sent: it may be older than what the sink holds.
Task<> Runner::take_replay_source(std::string unit) {
  co_await close_replay_source();
  if (!is_replay()) {
    co_return;
  }
  side_ = Side::state;
  DeadLetterQuery query;
  query.job = job_.settings.name;
  query.limit = std::numeric_limits<std::int32_t>::max();
  if (!live_->run.from.empty()) {
    query.reason = live_->run.from;
  }
  const std::vector<DeadLetter> letters = co_await parts_.store.dead_letters(std::move(query));
  std::vector<std::string> keys;
  for (const DeadLetter& letter : letters) {
    if (letter.unit == unit) {
      keys.push_back(letter.key_json);
    }
  }
  side_ = Side::source;
  replay_ = connectors_->source().reader_of(std::move(keys));
  if (replay_ == nullptr) {
    throw Error(Failure::config,
                "the rows of this source cannot be read by their keys: a full run "
                "sends them again");
  }
}

Task<> Runner::close_replay_source() {
  if (replay_ != nullptr) {
    co_await replay_->close();
    replay_.reset();
  }
}

Task<> Runner::set_checkpoints(Checkpoints wanted) {
  if (connectors_ == nullptr) {
    make_connectors();
  }
  try {
    for (const auto& [unit, checkpoint] : wanted) {
      connectors_->source().check(checkpoint.position);
      connectors_->sink().check(checkpoint.receipt);
    }
  } catch (const Error& error) {
    throw RefusedError(Refusal::bad_request, parts_.redactor.redact(error.what()));
  }
  const std::string name = job_.settings.name;
  CheckpointStore* own = connectors_->sink().checkpoints();
  CheckpointStore& store = own == nullptr ? parts_.store : *own;
  const std::vector<std::string> known = co_await store.units(name);
  for (const std::string& unit : known) {
    if (!wanted.contains(unit)) {
      co_await store.erase(name, unit);
    }
  }
  for (auto& [unit, checkpoint] : wanted) {
    co_await store.save(name, unit, std::move(checkpoint));
  }
  ledgers_.forget();
  co_await ledgers_.load_all();
  health_.last_error.clear();
}

Task<> Runner::reload_dead_letters() { co_await dead_letters_.load(); }

}  // namespace rowferry
