#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/state_store.hpp"

namespace rowferry {

/// What a MemoryStore holds; shared by stores that stand for several processes, or for one process
/// before and after a restart. The program runs all tasks on one thread, so it has no lock.
struct MemoryState {
  struct Job {
    std::int64_t run_seq = 0;
    std::int64_t sequence_mark = 0;
    bool paused = false;
  };
  using UnitName = std::pair<std::string, std::string>;

  std::map<UnitName, Checkpoint> checkpoints;
  std::map<std::int64_t, Run> runs;
  std::int64_t last_run_id = 0;
  std::map<std::string, Job> jobs;
  /// In the order in which they were last added.
  std::vector<DeadLetter> dead_letters;
  bool locked = false;
  std::set<std::string> locked_jobs;
};

/// A state store that forgets everything with its MemoryState: for tests.
class MemoryStore : public StateStore {
 public:
  explicit MemoryStore(std::shared_ptr<MemoryState> state = std::make_shared<MemoryState>(),
                       std::size_t history_runs = 1000);
  ~MemoryStore() override;

  Task<> open(StoreAccess access = StoreAccess::exclusive) override;
  Task<> close() override;
  Task<bool> try_lock_job(std::string job) override;
  Task<> unlock_job(std::string job) override;

  Task<std::optional<Checkpoint>> load(std::string job, std::string unit) override;
  Task<> save(std::string job, std::string unit, Checkpoint checkpoint) override;
  Task<> erase(std::string job, std::string unit) override;
  Task<std::vector<std::string>> units(std::string job) override;

  Task<Run> start_run(Run run) override;
  Task<> update_run(Run run) override;
  Task<std::vector<Run>> runs(RunQuery query) override;
  Task<std::optional<Run>> run(std::int64_t id) override;
  Task<> raise_run_seq(std::string job, std::int64_t run_seq) override;

  Task<std::int64_t> sequence_mark(std::string job) override;
  Task<> save_sequence_mark(std::string job, std::int64_t mark) override;
  Task<bool> paused(std::string job) override;
  Task<> set_paused(std::string job, bool paused) override;

  Task<> add_dead_letters(std::vector<DeadLetter> letters) override;
  Task<std::vector<DeadLetter>> dead_letters(DeadLetterQuery query) override;
  Task<std::vector<DeadLetterEntry>> dead_letter_index(std::string job) override;
  Task<DeadLetterTotals> dead_letter_totals(std::string job) override;
  Task<> erase_dead_letters(std::string job, std::vector<std::string> ids) override;

 private:
  void release();
  void cut_history(const std::string& job);

  std::shared_ptr<MemoryState> state_;
  std::size_t history_runs_;
  bool owns_lock_ = false;
  std::set<std::string> owned_jobs_;
};

}  // namespace rowferry
