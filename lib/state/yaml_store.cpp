#include "state/yaml_store.hpp"

#include <fmt/format.h>

#include "base/blocking.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "state/store_lock.hpp"
#include "state/yaml_checkpoints.hpp"
#include "state/yaml_dead_letters.hpp"
#include "state/yaml_index.hpp"
#include "state/yaml_jobs.hpp"
#include "state/yaml_place.hpp"
#include "state/yaml_runs.hpp"

namespace rowferry {

// The lambdas below capture references to the parameters of their coroutine, which outlive the
// await: see the compiler's trap with captured values in awaited expressions.

struct YamlStore::Opened {
  Opened(YamlPlace where, StoreLock taken_lock, std::size_t history_runs)
      : lock(std::move(taken_lock)),
        place(std::move(where)),
        index(place),
        jobs(place, index),
        checkpoints(place, jobs),
        runs(place, index, jobs, history_runs),
        dead_letters(place) {}

  StoreLock lock;
  YamlPlace place;
  YamlIndex index;
  YamlJobs jobs;
  YamlCheckpoints checkpoints;
  YamlRuns runs;
  YamlDeadLetters dead_letters;
};

namespace {

// The bytes of the lock file: 0 is the daemon's, this one is held for the length of a call, those
// above are the jobs'.
constexpr std::int64_t kCallByte = 1;
constexpr std::int64_t kFirstJobByte = 2;

std::filesystem::path lock_path(const std::filesystem::path& path) {
  return path.string() + ".lock";
}

/// A number that all processes give a job without asking anybody: 60 bits of a digest of its name.
std::int64_t lock_byte(const std::string& job) {
  Sha256 hash;
  hash.update(job);
  std::int64_t number = 0;
  const Sha256::Digest digest = hash.finish();
  for (std::size_t at = 0; at < 8; ++at) {
    number = ((number & 0x0fffffffffffff) << 8) | digest[at];
  }
  return kFirstJobByte + number;
}

/// What a failed file operation means for a state: nothing was saved, and nobody may go on. At the
/// start it is the configuration that names a place which cannot be used.
Error as_state_error(const Error& error) {
  if (error.failure() != Failure::transient || error.reason() == "locked" ||
      error.reason() == "failpoint") {
    return error;
  }
  const Failure failure = error.reason() == "refused" ? Failure::config : Failure::internal;
  return Error(failure, error.what()).with_reason(error.reason());
}

/// Holds the byte of the call; gives it back at the end.
class CallLock {
 public:
  CallLock(StoreLock& lock, const std::filesystem::path& store) : lock_(lock) {
    lock_.wait_for(kCallByte, store);
  }
  ~CallLock() { lock_.unlock(kCallByte); }
  CallLock(const CallLock&) = delete;
  CallLock& operator=(const CallLock&) = delete;

 private:
  StoreLock& lock_;
};

}  // namespace

YamlStore::YamlStore(std::filesystem::path path, std::size_t history_runs, Runtime runtime)
    : path_(std::filesystem::absolute(path)),
      history_runs_(history_runs),
      runtime_(runtime),
      one_at_a_time_(runtime.executor) {}

YamlStore::~YamlStore() = default;

template <class Work>
Task<std::invoke_result_t<Work&, YamlStore::Opened&>> YamlStore::call(Work work) {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  if (!opened_) {
    throw Error(Failure::internal, fmt::format("the state {} is not open", path_.string()));
  }
  auto alone = [&work, this] {
    try {
      const CallLock lock(opened_->lock, path_);
      return work(*opened_);
    } catch (const Error& error) {
      throw as_state_error(error);
    }
  };
  co_return co_await run_blocking(runtime_.workers, std::move(alone));
}

std::unique_ptr<YamlStore::Opened> YamlStore::open_files(StoreAccess access) {
  make_folders(path_.parent_path(), 0700);
  StoreLock lock(lock_path(path_));
  if (access == StoreAccess::exclusive) {
    lock.lock_store(path_);
  }
  YamlPlace place(path_, runtime_.clock, runtime_.log);
  auto opened = std::make_unique<Opened>(std::move(place), std::move(lock), history_runs_);
  const CallLock alone(opened->lock, path_);
  opened->index.open();
  return opened;
}

Task<> YamlStore::open(StoreAccess access) {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  if (opened_) {
    co_return;
  }
  auto work = [this, access] {
    try {
      return open_files(access);
    } catch (const Error& error) {
      throw as_state_error(error);
    }
  };
  std::unique_ptr<Opened> opened = co_await run_blocking(runtime_.workers, std::move(work));
  opened_ = std::move(opened);
}

Task<> YamlStore::close() {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  opened_.reset();
}

Task<bool> YamlStore::try_lock_job(std::string job) {
  const AsyncMutex::Lock turn = co_await one_at_a_time_.lock();
  co_return opened_ != nullptr && opened_->lock.try_lock(lock_byte(job));
}

Task<> YamlStore::unlock_job(std::string job) {
  if (opened_) {
    opened_->lock.unlock(lock_byte(job));
  }
  co_return;
}

Task<std::optional<Checkpoint>> YamlStore::load(std::string job, std::string unit) {
  auto work = [&](Opened& opened) { return opened.checkpoints.load(job, unit); };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::save(std::string job, std::string unit, Checkpoint checkpoint) {
  auto work = [&](Opened& opened) { opened.checkpoints.save(job, unit, checkpoint); };
  co_await call(std::move(work));
}

Task<> YamlStore::erase(std::string job, std::string unit) {
  auto work = [&](Opened& opened) { opened.checkpoints.erase(job, unit); };
  co_await call(std::move(work));
}

Task<std::vector<std::string>> YamlStore::units(std::string job) {
  auto work = [&](Opened& opened) { return opened.checkpoints.units(job); };
  co_return co_await call(std::move(work));
}

Task<Run> YamlStore::start_run(Run run) {
  auto work = [&](Opened& opened) { return opened.runs.start(std::move(run)); };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::update_run(Run run) {
  auto work = [&](Opened& opened) { opened.runs.update(run); };
  co_await call(std::move(work));
}

Task<std::vector<Run>> YamlStore::runs(RunQuery query) {
  auto work = [&](Opened& opened) { return opened.runs.list(query); };
  co_return co_await call(std::move(work));
}

Task<std::optional<Run>> YamlStore::run(std::int64_t id) {
  auto work = [id](Opened& opened) { return opened.runs.find(id); };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::raise_run_seq(std::string job, std::int64_t run_seq) {
  auto work = [&](Opened& opened) { opened.jobs.raise_run_seq(job, run_seq); };
  co_await call(std::move(work));
}

Task<std::int64_t> YamlStore::sequence_mark(std::string job) {
  auto work = [&](Opened& opened) { return opened.jobs.read(job).sequence_mark; };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::save_sequence_mark(std::string job, std::int64_t mark) {
  auto work = [&](Opened& opened) { opened.jobs.raise_sequence_mark(job, mark); };
  co_await call(std::move(work));
}

Task<bool> YamlStore::paused(std::string job) {
  auto work = [&](Opened& opened) { return opened.jobs.read(job).paused; };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::set_paused(std::string job, bool paused) {
  auto work = [&](Opened& opened) { opened.jobs.set_paused(job, paused); };
  co_await call(std::move(work));
}

Task<> YamlStore::add_dead_letters(std::vector<DeadLetter> letters) {
  auto work = [&](Opened& opened) { opened.dead_letters.add(letters); };
  co_await call(std::move(work));
}

Task<std::vector<DeadLetter>> YamlStore::dead_letters(DeadLetterQuery query) {
  auto work = [&](Opened& opened) { return opened.dead_letters.list(query); };
  co_return co_await call(std::move(work));
}

Task<std::vector<DeadLetterEntry>> YamlStore::dead_letter_index(std::string job) {
  auto work = [&](Opened& opened) { return opened.dead_letters.index(job); };
  co_return co_await call(std::move(work));
}

Task<DeadLetterTotals> YamlStore::dead_letter_totals(std::string job) {
  auto work = [&](Opened& opened) { return opened.dead_letters.totals(job); };
  co_return co_await call(std::move(work));
}

Task<> YamlStore::erase_dead_letters(std::string job, std::vector<std::string> ids) {
  auto work = [&](Opened& opened) { opened.dead_letters.erase(job, ids); };
  co_await call(std::move(work));
}

}  // namespace rowferry
