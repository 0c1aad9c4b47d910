#include "engine/ledgers.hpp"

#include <utility>

#include "base/error.hpp"
#include "engine/checkpoint_json.hpp"

namespace rowferry {
Ledgers::Ledgers(const Runtime& runtime, StateStore& store, std::string job, Ledger::OnSave on_save)
    : runtime_(runtime), store_(store), job_(std::move(job)), on_save_(std::move(on_save)) {}

Task<> Ledgers::load_all() {
  const std::vector<std::string> units = co_await store_.units(job_);
  for (const std::string& unit : units) {
    ledger(unit);
  }
  // Also those that the store knows no more.
  for (const auto& [unit, known] : ledgers_) {
    co_await known->load();
  }
}

Task<Ledger*> Ledgers::open(std::string unit, Sink& sink, Damage damage) {
  Ledger& opened = ledger(unit);
  if (read_.contains(unit)) {
    co_return &opened;
  }
  try {
    co_await opened.load_from(sink);
  } catch (const Error& error) {
    if (damage == Damage::refused || error.reason() != "corrupt") {
      throw;
    }
    runtime_.log.warn("a full copy replaces a damaged checkpoint",
                      {{"job", job_}, {"unit", unit}, {"error", error.what()}});
  }
  read_.insert(unit);
  if (lost_.erase(unit) > 0) {
    opened.forget_target();
  }
  co_return &opened;
}

Ledger& Ledgers::ledger(const std::string& unit) {
  std::unique_ptr<Ledger>& ledger = ledgers_[unit];
  if (ledger == nullptr) {
    ledger = std::make_unique<Ledger>(runtime_, store_, job_, unit, on_save_);
  }
  return *ledger;
}

Counters Ledgers::totals() const {
  Counters totals;
  for (const auto& [unit, ledger] : ledgers_) {
    totals += ledger->totals();
  }
  return totals;
}

Counters Ledgers::run_counters(std::int64_t run_seq) const {
  Counters counters;
  for (const auto& [unit, ledger] : ledgers_) {
    counters += ledger->counters_of(run_seq);
  }
  return counters;
}

std::string Ledgers::to_json() const {
  Checkpoints known;
  for (const auto& [unit, ledger] : ledgers_) {
    if (ledger->exists()) {
      known[unit] = ledger->committed();
    }
  }
  return checkpoints_json(known);
}

}  // namespace rowferry
