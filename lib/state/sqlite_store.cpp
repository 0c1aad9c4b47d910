#include "state/sqlite_store.hpp"

#include <fmt/format.h>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sqlite/database.hpp"
#include "state/checkpoint_table.hpp"
#include "state/dead_letter_table.hpp"
#include "state/run_table.hpp"
#include "state/sqlite_schema.hpp"
#include "state/store_lock.hpp"

namespace rowferry {

// The lambdas below capture references to the parameters of their coroutine, which outlive the
// await: see the compiler's trap with captured values in awaited expressions.

struct SqliteStore::Opened {
  Opened(const std::filesystem::path& path, StoreLock taken_lock, std::size_t history_runs,
         Log& log)
      : lock(std::move(taken_lock)),
        database(open_state_file(path)),
        checkpoints(database, log),
        runs(database, history_runs),
        dead_letters(database) {}

  StoreLock lock;
  sqlite::Database database;
  CheckpointTable checkpoints;
  RunTable runs;
  DeadLetterTable dead_letters;
};

namespace {

std::filesystem::path lock_path(const std::filesystem::path& path) {
  return path.string() + ".lock";
}

}  // namespace

SqliteStore::SqliteStore(std::filesystem::path path, std::size_t history_runs, Runtime runtime)
    : path_(std::filesystem::absolute(path)),
      history_runs_(history_runs),
      runtime_(runtime),
      one_at_a_time_(runtime.executor) {}

SqliteStore::~SqliteStore() = default;

template <class Work>
Task<std::invoke_result_t<Work&, SqliteStore::Opened&>> SqliteStore::read(Work work) {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  if (!opened_) {
    throw Error(Failure::internal, fmt::format("the state {} is not open", path_.string()));
  }
  auto call = [&work, this] { return work(*opened_); };
  co_return co_await run_blocking(runtime_.workers, std::move(call));
}

template <class Work>
Task<std::invoke_result_t<Work&, SqliteStore::Opened&>> SqliteStore::write(Work work) {
  auto in_transaction = [&work](Opened& opened) {
    sqlite::Transaction transaction(opened.database);
    if constexpr (std::is_void_v<std::invoke_result_t<Work&, Opened&>>) {
      work(opened);
      failpoint("state.before_commit");
      transaction.commit();
    } else {
      auto result = work(opened);
      failpoint("state.before_commit");
      transaction.commit();
      return result;
    }
  };
  co_return co_await read(std::move(in_transaction));
}

Task<> SqliteStore::open(StoreAccess access) {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  if (opened_) {
    co_return;
  }
  auto call = [this, access] {
    make_folders(path_.parent_path(), 0700);
    StoreLock lock(lock_path(path_));
    if (access == StoreAccess::exclusive) {
      lock.lock_store(path_);
    }
    return std::make_unique<Opened>(path_, std::move(lock), history_runs_, runtime_.log);
  };
  std::unique_ptr<Opened> opened = co_await run_blocking(runtime_.workers, std::move(call));
  opened_ = std::move(opened);
}

Task<> SqliteStore::close() {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  auto call = [this] { opened_.reset(); };
  co_await run_blocking(runtime_.workers, std::move(call));
}

Task<std::int64_t> SqliteStore::job_number(std::string job) {
  const auto known = job_numbers_.find(job);
  if (known != job_numbers_.end()) {
    co_return known->second;
  }
  auto work = [&](Opened& opened) { return opened.runs.job_number(job); };
  const std::int64_t number = co_await write(std::move(work));
  job_numbers_.emplace(std::move(job), number);
  co_return number;
}

Task<bool> SqliteStore::try_lock_job(std::string job) {
  const std::int64_t number = co_await job_number(std::move(job));
  co_return opened_ != nullptr && opened_->lock.try_lock(number);
}

Task<> SqliteStore::unlock_job(std::string job) {
  const auto known = job_numbers_.find(job);
  if (opened_ && known != job_numbers_.end()) {
    opened_->lock.unlock(known->second);
  }
  co_return;
}

Task<std::optional<Checkpoint>> SqliteStore::load(std::string job, std::string unit) {
  auto work = [&](Opened& opened) { return opened.checkpoints.load(job, unit); };
  co_return co_await read(std::move(work));
}

Task<> SqliteStore::save(std::string job, std::string unit, Checkpoint checkpoint) {
  auto work = [&](Opened& opened) { opened.checkpoints.save(job, unit, checkpoint); };
  co_await write(std::move(work));
}

Task<> SqliteStore::erase(std::string job, std::string unit) {
  auto work = [&](Opened& opened) { opened.checkpoints.erase(job, unit); };
  co_await write(std::move(work));
}

Task<std::vector<std::string>> SqliteStore::units(std::string job) {
  auto work = [&](Opened& opened) { return opened.checkpoints.units(job); };
  co_return co_await read(std::move(work));
}

Task<Run> SqliteStore::start_run(Run run) {
  auto work = [&](Opened& opened) { return opened.runs.start(std::move(run)); };
  co_return co_await write(std::move(work));
}

Task<> SqliteStore::update_run(Run run) {
  auto work = [&](Opened& opened) { opened.runs.update(run); };
  co_await write(std::move(work));
}

Task<std::vector<Run>> SqliteStore::runs(RunQuery query) {
  auto work = [&](Opened& opened) { return opened.runs.list(query); };
  co_return co_await read(std::move(work));
}

Task<std::optional<Run>> SqliteStore::run(std::int64_t id) {
  auto work = [id](Opened& opened) { return opened.runs.find(id); };
  co_return co_await read(std::move(work));
}

Task<> SqliteStore::raise_run_seq(std::string job, std::int64_t run_seq) {
  auto work = [&](Opened& opened) { opened.runs.raise_run_seq(job, run_seq); };
  co_await write(std::move(work));
}

Task<std::int64_t> SqliteStore::sequence_mark(std::string job) {
  auto work = [&](Opened& opened) { return opened.runs.sequence_mark(job); };
  co_return co_await read(std::move(work));
}

Task<> SqliteStore::save_sequence_mark(std::string job, std::int64_t mark) {
  auto work = [&](Opened& opened) { opened.runs.raise_sequence_mark(job, mark); };
  co_await write(std::move(work));
}

Task<bool> SqliteStore::paused(std::string job) {
  auto work = [&](Opened& opened) { return opened.runs.paused(job); };
  co_return co_await read(std::move(work));
}

Task<> SqliteStore::set_paused(std::string job, bool paused) {
  auto work = [&](Opened& opened) { opened.runs.set_paused(job, paused); };
  co_await write(std::move(work));
}

Task<> SqliteStore::add_dead_letters(std::vector<DeadLetter> letters) {
  auto work = [&](Opened& opened) { opened.dead_letters.add(letters); };
  co_await write(std::move(work));
}

Task<std::vector<DeadLetter>> SqliteStore::dead_letters(DeadLetterQuery query) {
  auto work = [&](Opened& opened) { return opened.dead_letters.list(query); };
  co_return co_await read(std::move(work));
}

Task<std::vector<DeadLetterEntry>> SqliteStore::dead_letter_index(std::string job) {
  auto work = [&](Opened& opened) { return opened.dead_letters.index(job); };
  co_return co_await read(std::move(work));
}

Task<DeadLetterTotals> SqliteStore::dead_letter_totals(std::string job) {
  auto work = [&](Opened& opened) { return opened.dead_letters.totals(job); };
  co_return co_await read(std::move(work));
}

Task<> SqliteStore::erase_dead_letters(std::string job, std::vector<std::string> ids) {
  auto work = [&](Opened& opened) { opened.dead_letters.erase(job, ids); };
  co_await write(std::move(work));
}

}  // namespace rowferry
