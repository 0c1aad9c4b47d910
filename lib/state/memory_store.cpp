#include "state/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace rowferry {

MemoryStore::MemoryStore(std::shared_ptr<MemoryState> state, std::size_t history_runs)
    : state_(std::move(state)), history_runs_(history_runs) {}

MemoryStore::~MemoryStore() { release(); }

Task<> MemoryStore::open(StoreAccess access) {
  if (access == StoreAccess::exclusive && !owns_lock_) {
    if (state_->locked) {
      throw Error(Failure::config, "the state is in use by another store");
    }
    state_->locked = true;
    owns_lock_ = true;
  }
  co_return;
}

Task<> MemoryStore::close() {
  release();
  co_return;
}

void MemoryStore::release() {
  if (owns_lock_) {
    state_->locked = false;
    owns_lock_ = false;
  }
  for (const std::string& job : owned_jobs_) {
    state_->locked_jobs.erase(job);
  }
  owned_jobs_.clear();
}

Task<bool> MemoryStore::try_lock_job(std::string job) {
  if (owned_jobs_.contains(job)) {
    co_return true;
  }
  if (!state_->locked_jobs.insert(job).second) {
    co_return false;
  }
  owned_jobs_.insert(std::move(job));
  co_return true;
}

Task<> MemoryStore::unlock_job(std::string job) {
  if (owned_jobs_.erase(job) > 0) {
    state_->locked_jobs.erase(job);
  }
  co_return;
}

Task<std::optional<Checkpoint>> MemoryStore::load(std::string job, std::string unit) {
  const auto found = state_->checkpoints.find({job, unit});
  if (found == state_->checkpoints.end()) {
    co_return std::nullopt;
  }
  co_return found->second;
}

Task<> MemoryStore::save(std::string job, std::string unit, Checkpoint checkpoint) {
  state_->checkpoints[{job, unit}] = std::move(checkpoint);
  co_return;
}

Task<> MemoryStore::erase(std::string job, std::string unit) {
  state_->checkpoints.erase({job, unit});
  co_return;
}

Task<std::vector<std::string>> MemoryStore::units(std::string job) {
  std::vector<std::string> units;
  for (const auto& [name, checkpoint] : state_->checkpoints) {
    if (name.first == job) {
      units.push_back(name.second);
    }
  }
  co_return units;
}

Task<Run> MemoryStore::start_run(Run run) {
  MemoryState::Job& job = state_->jobs[run.job];
  if (run.run_seq == 0) {
    run.run_seq = job.run_seq + 1;
  }
  job.run_seq = std::max(job.run_seq, run.run_seq);
  run.id = ++state_->last_run_id;
  state_->runs[run.id] = run;
  cut_history(run.job);
  co_return run;
}

void MemoryStore::cut_history(const std::string& job) {
  std::size_t kept = 0;
  std::vector<std::int64_t> forgotten;
  for (auto item = state_->runs.rbegin(); item != state_->runs.rend(); ++item) {
    if (item->second.job == job && ++kept > history_runs_ && item->second.finished_at) {
      forgotten.push_back(item->first);
    }
  }
  for (const std::int64_t id : forgotten) {
    state_->runs.erase(id);
  }
}

Task<> MemoryStore::update_run(Run run) {
  const auto found = state_->runs.find(run.id);
  if (found == state_->runs.end()) {
    throw Error(Failure::internal, fmt::format("the state holds no run {}", run.id));
  }
  found->second = std::move(run);
  co_return;
}

Task<std::vector<Run>> MemoryStore::runs(RunQuery query) {
  std::vector<Run> found;
  for (auto item = state_->runs.rbegin(); item != state_->runs.rend(); ++item) {
    const Run& run = item->second;
    const bool wanted = (!query.job || run.job == *query.job) &&
                        (!query.state || run.state == *query.state) &&
                        (!query.before || run.id < *query.before);
    if (wanted && found.size() < query.limit) {
      found.push_back(run);
    }
  }
  co_return found;
}

Task<std::optional<Run>> MemoryStore::run(std::int64_t id) {
  const auto found = state_->runs.find(id);
  if (found == state_->runs.end()) {
    co_return std::nullopt;
  }
  co_return found->second;
}

Task<> MemoryStore::raise_run_seq(std::string job, std::int64_t run_seq) {
  std::int64_t& last = state_->jobs[job].run_seq;
  last = std::max(last, run_seq);
  co_return;
}

Task<std::int64_t> MemoryStore::sequence_mark(std::string job) {
  co_return state_->jobs[job].sequence_mark;
}

Task<> MemoryStore::save_sequence_mark(std::string job, std::int64_t mark) {
  std::int64_t& last = state_->jobs[job].sequence_mark;
  last = std::max(last, mark);
  co_return;
}

Task<bool> MemoryStore::paused(std::string job) { co_return state_->jobs[job].paused; }

Task<> MemoryStore::set_paused(std::string job, bool paused) {
  state_->jobs[job].paused = paused;
  co_return;
}

Task<> MemoryStore::add_dead_letters(std::vector<DeadLetter> letters) {
  for (DeadLetter& letter : letters) {
    std::vector<DeadLetter>& kept = state_->dead_letters;
    const auto known = std::find_if(kept.begin(), kept.end(), [&](const DeadLetter& other) {
      return other.job == letter.job && other.id == letter.id;
    });
    if (known != kept.end()) {
      letter.tries = known->tries + 1;
      kept.erase(known);
    }
    kept.push_back(std::move(letter));
  }
  co_return;
}

Task<std::vector<DeadLetter>> MemoryStore::dead_letters(DeadLetterQuery query) {
  std::vector<DeadLetter> found;
  const std::vector<DeadLetter>& kept = state_->dead_letters;
  for (auto letter = kept.rbegin(); letter != kept.rend(); ++letter) {
    const bool wanted = letter->job == query.job &&
                        (!query.reason || letter->reason.find(*query.reason) != std::string::npos);
    if (wanted && found.size() < query.limit) {
      found.push_back(*letter);
    }
  }
  co_return found;
}

Task<std::vector<DeadLetterEntry>> MemoryStore::dead_letter_index(std::string job) {
  std::vector<DeadLetterEntry> index;
  for (const DeadLetter& letter : state_->dead_letters) {
    if (letter.job == job) {
      index.push_back({letter.id, letter.bytes()});
    }
  }
  co_return index;
}

Task<DeadLetterTotals> MemoryStore::dead_letter_totals(std::string job) {
  DeadLetterTotals totals;
  for (const DeadLetter& letter : state_->dead_letters) {
    if (letter.job == job) {
      ++totals.rows;
      totals.bytes += letter.bytes();
    }
  }
  co_return totals;
}

Task<> MemoryStore::erase_dead_letters(std::string job, std::vector<std::string> ids) {
  const std::set<std::string> dropped(ids.begin(), ids.end());
  std::erase_if(state_->dead_letters, [&](const DeadLetter& letter) {
    return letter.job == job && dropped.contains(letter.id);
  });
  co_return;
}

}  // namespace rowferry
