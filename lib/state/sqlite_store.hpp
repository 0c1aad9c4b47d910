#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/async.hpp"
#include "core/run_context.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// The state in one SQLite file, with a lock file beside it (`<file>.lock`). All work is done on
/// the workers, one call at a time; each writing call is one synced transaction. Errors: `config`
/// when the file cannot be used or is in use, `internal` when the disk is full or the file damaged
/// (then nothing of the call was saved, and it may be repeated), `transient` when another process
/// held the file for more than ten seconds.
class SqliteStore : public StateStore {
 public:
  /// Touches nothing before `open`. Keeps the last `history_runs` runs of each job.
  SqliteStore(std::filesystem::path path, std::size_t history_runs, Runtime runtime);
  ~SqliteStore() override;

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
  struct Opened;

  /// Runs `work(Opened&)` on a worker, after the calls before it.
  template <class Work>
  Task<std::invoke_result_t<Work&, Opened&>> read(Work work);
  /// The same in a transaction, which is durable in the end.
  template <class Work>
  Task<std::invoke_result_t<Work&, Opened&>> write(Work work);

  Task<std::int64_t> job_number(std::string job);

  std::filesystem::path path_;
  std::size_t history_runs_;
  Runtime runtime_;
  AsyncMutex one_at_a_time_;
  std::unique_ptr<Opened> opened_;
  std::map<std::string, std::int64_t> job_numbers_;
};

}  // namespace rowferry
