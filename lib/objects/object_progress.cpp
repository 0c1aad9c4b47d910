#include "objects/object_progress.hpp"

#include <algorithm>
#include <utility>

namespace rowferry {

ObjectProgress::ObjectProgress(KeyTemplate key, std::string job, std::string table,
                               ObjectReceipt receipt)
    : key_(std::move(key)),
      job_(std::move(job)),
      table_(std::move(table)),
      committed_(std::move(receipt)) {}

std::string ObjectProgress::next_key(const std::vector<std::string>& column_values) {
  KeyValues values;
  values.job = job_;
  values.table = table_;
  values.run_seq = committed_.run_seq;
  values.part = committed_.next_part++;
  values.started = committed_.started;
  values.columns = column_values;
  return key_.expand(values);
}

Receipt ObjectProgress::add_intents(const std::vector<std::string>& keys) {
  committed_.finished = false;
  committed_.intents.insert(committed_.intents.end(), keys.begin(), keys.end());
  return encode_receipt(committed_);
}

bool ObjectProgress::knows(const std::string& key) const {
  const auto is_it = [&](const ObjectEntry& entry) { return entry.key == key; };
  const std::vector<std::string>& intents = committed_.intents;
  return std::find(intents.begin(), intents.end(), key) != intents.end() ||
         std::any_of(committed_.objects.begin(), committed_.objects.end(), is_it);
}

// In the order in which they were begun, which is that of their parts: readers go by it.
Receipt ObjectProgress::commit() {
  const std::vector<std::string>& begun = committed_.intents;
  const auto place = [&](const ObjectEntry& entry) {
    return std::find(begun.begin(), begun.end(), entry.key);
  };
  std::sort(sealed_.begin(), sealed_.end(), [&](const ObjectEntry& left, const ObjectEntry& right) {
    return place(left) < place(right);
  });
  std::move(sealed_.begin(), sealed_.end(), std::back_inserter(committed_.objects));
  sealed_.clear();
  committed_.intents.clear();
  return encode_receipt(committed_);
}

Receipt ObjectProgress::finish() {
  committed_.finished = true;
  return encode_receipt(committed_);
}

OpenDecision decide_open(ObjectReceipt taken, const OpeningRun& run) {
  OpenDecision decision;
  decision.leftovers = std::exchange(taken.intents, {});
  if (taken.run_seq == run.run_seq) {
    decision.receipt = std::move(taken);
    if (run.starts_over && !decision.receipt.objects.empty()) {
      decision.save_first = true;
      for (const ObjectEntry& entry : decision.receipt.objects) {
        decision.leftovers.push_back(entry.key);
      }
      decision.receipt.objects.clear();
    }
    return decision;
  }
  decision.receipt.run_seq = run.run_seq;
  decision.receipt.full = run.full;
  decision.receipt.started = run.started;
  decision.receipt.folder = run.folder;
  if (!taken.objects.empty() && !taken.finished) {
    decision.older_run = std::move(taken);
  }
  return decision;
}

}  // namespace rowferry
