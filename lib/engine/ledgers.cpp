#include "engine/ledgers.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/buffer.hpp"
#include "base/error.hpp"
#include "base/json_syntax.hpp"
#include "base/json_text.hpp"

namespace rowferry {
namespace {

std::string quoted(std::string_view text) {
  Buffer buffer;
  append_json_string(text, buffer);
  return std::string(buffer.view());
}

// A connector's note as it is, or as a string where it is no JSON.
std::string embedded(const std::string& text) {
  if (text.empty()) {
    return "null";
  }
  return json_syntax(text) == JsonSyntax::none ? quoted(text) : text;
}

std::string counters_json(const Counters& counters) {
  return fmt::format(R"({{"rows_read":{},"rows_written":{},"rows_deleted":{},"rows_rejected":{},)"
                     R"("bytes_read":{},"bytes_written":{}}})",
                     counters.rows_read, counters.rows_written, counters.rows_deleted,
                     counters.rows_rejected, counters.bytes_read, counters.bytes_written);
}

}  // namespace

Ledgers::Ledgers(const Runtime& runtime, StateStore& store, std::string job, Ledger::OnSave on_save)
    : runtime_(runtime), store_(store), job_(std::move(job)), on_save_(std::move(on_save)) {}

Task<> Ledgers::load_all() {
  const std::vector<std::string> units = co_await store_.units(job_);
  for (const std::string& unit : units) {
    co_await ledger(unit).load();
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
  std::string units;
  for (const auto& [unit, ledger] : ledgers_) {
    if (!ledger->exists()) {
      continue;
    }
    if (unit.empty()) {
      return checkpoint_json(ledger->committed());
    }
    units += fmt::format("{}{}:{}", units.empty() ? "" : ",", quoted(unit),
                         checkpoint_json(ledger->committed()));
  }
  return units.empty() ? "null" : fmt::format(R"({{"units":{{{}}}}})", units);
}

std::string checkpoint_json(const Checkpoint& checkpoint) {
  return fmt::format(
      R"({{"position":{},"receipt":{},"totals":{},"run_counters":{},"run_seq":{},"complete":{},)"
      R"("definition":{}}})",
      embedded(checkpoint.position.json), embedded(checkpoint.receipt.json),
      counters_json(checkpoint.totals), counters_json(checkpoint.run_counters), checkpoint.run_seq,
      checkpoint.complete, quoted(checkpoint.definition));
}

}  // namespace rowferry
