#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/ledger.hpp"

namespace rowferry {

/// The ledgers of all units of a job.
class Ledgers {
 public:
  Ledgers(const Runtime& runtime, StateStore& store, std::string job, Ledger::OnSave on_save);

  /// Reads what the local store knows, for display. Throws Error.
  Task<> load_all();

  /// What a damaged checkpoint means to `open`.
  enum class Damage {
    refused,   ///< Error{config}
    replaced,  ///< a full copy needs none: as if there were no checkpoint
  };

  /// The ledger of a unit, with the checkpoint that counts (the sink's, where it keeps one); read
  /// again after `forget`.
  Task<Ledger*> open(std::string unit, Sink& sink, Damage damage = Damage::refused);

  /// What was read may no longer be true (an attempt failed, another process had the job).
  void forget() { read_.clear(); }

  /// The sink does not hold what the unit's checkpoint says: it is opened as if there were none.
  void lose(const std::string& unit) { lost_.insert(unit); }

  [[nodiscard]] Counters totals() const;
  /// What the run that goes on has counted, over all units.
  [[nodiscard]] Counters run_counters(std::int64_t run_seq) const;

  /// The checkpoints as the API shows them: of a job with the one unit "" the object itself, else
  /// `{"units": {...}}`; `null` when there is none.
  [[nodiscard]] std::string to_json() const;

 private:
  Ledger& ledger(const std::string& unit);

  const Runtime& runtime_;
  StateStore& store_;
  std::string job_;
  Ledger::OnSave on_save_;
  std::map<std::string, std::unique_ptr<Ledger>> ledgers_;
  std::set<std::string> read_;
  std::set<std::string> lost_;
};

}  // namespace rowferry
