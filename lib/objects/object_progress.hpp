#pragma once

#include <optional>
#include <string>
#include <vector>

#include "objects/key_template.hpp"
#include "objects/manifest.hpp"
#include "objects/object_receipt.hpp"

namespace rowferry {

/// Which objects of a run were begun, are finished, and are committed: what a sink's receipts say.
/// Pure. A key is begun only after its intent is saved, and committed only after its object is
/// durable; a restart deletes what was begun and not committed.
class ObjectProgress {
 public:
  ObjectProgress() = default;
  /// Goes on from what the receipt of this run says, or begins with one that names only the run.
  ObjectProgress(KeyTemplate key, std::string job, std::string table, ObjectReceipt receipt);

  [[nodiscard]] const ObjectReceipt& committed() const { return committed_; }
  /// Objects that are finished, but not committed.
  [[nodiscard]] bool has_uncommitted() const { return !sealed_.empty(); }

  /// The next key for these values of `{column:..}`; with `{part}` in the template never one that
  /// was given before. Not an intent yet.
  [[nodiscard]] std::string next_key(const std::vector<std::string>& column_values);

  /// Notes keys that are about to be begun; the receipt must be saved first.
  [[nodiscard]] Receipt add_intents(const std::vector<std::string>& keys);
  /// Whether an object of this key was begun or finished in this run.
  [[nodiscard]] bool knows(const std::string& key) const;

  /// The object is finished and durable.
  void seal(ObjectEntry entry) { sealed_.push_back(std::move(entry)); }
  /// Takes all finished objects among the committed ones; none is open. The receipt to save with
  /// the checkpoint.
  [[nodiscard]] Receipt commit();
  /// The manifest is written. The receipt to save.
  [[nodiscard]] Receipt finish();

 private:
  KeyTemplate key_;
  std::string job_;
  std::string table_;
  ObjectReceipt committed_;
  std::vector<ObjectEntry> sealed_;
};

/// What a receipt means for a run that opens its sink.
struct OpenDecision {
  /// What the run goes on from.
  ObjectReceipt receipt;
  /// Begun or useless objects of ours, to be deleted. When objects of this run are among them
  /// (`save_first`) the receipt must be saved before.
  std::vector<std::string> leftovers;
  bool save_first = false;
  /// An older run that committed objects, and was not seen to finish.
  std::optional<ObjectReceipt> older_run;
};

/// The run that opens the sink.
struct OpeningRun {
  std::int64_t run_seq = 0;
  bool full = false;
  bool starts_over = false;
  WallTime started{};
  std::string folder;
};

/// Decides what a run that opens does with the receipt it was given.
[[nodiscard]] OpenDecision decide_open(ObjectReceipt taken, const OpeningRun& run);

}  // namespace rowferry
