#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/async.hpp"
#include "core/run_context.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// The state in files that people can read: an index in the file that the configuration names, with
/// a lock file beside it (`<file>.lock`), and a folder a job in `<file>.d` with a file a
/// checkpoint, so that a save writes what it changes and nothing else. Every file carries a
/// checksum and has the generation before it beside it. All work is done on the workers, one call
/// at a time, also among processes. Errors: `config` when the files cannot be used, are in use or
/// damaged, `internal` when the disk is full (then nothing of the call was saved, and it may be
/// repeated), `transient` when another process held the files for more than ten seconds.
class YamlStore : public StateStore {
 public:
  /// Touches nothing before `open`. Keeps the last `history_runs` runs of each job.
  YamlStore(std::filesystem::path path, std::size_t history_runs, Runtime runtime);
  ~YamlStore() override;

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

  [[nodiscard]] std::unique_ptr<Opened> open_files(StoreAccess access);

  /// Runs `work(Opened&)` on a worker, after the calls before it and alone among processes.
  template <class Work>
  Task<std::invoke_result_t<Work&, Opened&>> call(Work work);

  std::filesystem::path path_;
  std::size_t history_runs_;
  Runtime runtime_;
  AsyncMutex one_at_a_time_;
  std::unique_ptr<Opened> opened_;
};

}  // namespace rowferry
