#include "state/yaml_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "state/yaml_history.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kRememberedMax = 10'000;
// A history is cut when it holds this many lines more than twice what is kept.
constexpr std::size_t kHistorySpare = 64;

bool is_finished(const Run& run) { return run.finished_at.has_value(); }

auto position_of(std::vector<Run>& runs, std::int64_t id) {
  return std::find_if(runs.begin(), runs.end(), [id](const Run& run) { return run.id == id; });
}

bool newer_first(const Run& left, const Run& right) { return left.id > right.id; }

bool is_wanted(const Run& run, const RunQuery& query) {
  return (!query.state || run.state == *query.state) && (!query.before || run.id < *query.before);
}

void cut_to(std::vector<Run>& runs, std::size_t limit) {
  runs.erase(runs.begin() + static_cast<std::ptrdiff_t>(std::min(limit, runs.size())), runs.end());
}

}  // namespace

Run YamlRuns::start(Run run) {
  JobFacts facts = jobs_.read(run.job);
  if (run.run_seq == 0) {
    run.run_seq = facts.run_seq + 1;
  }
  facts.run_seq = std::max(facts.run_seq, run.run_seq);
  run.id = index_.next_run_id();
  facts.runs.push_back(run);
  jobs_.save(run.job, facts);
  remember(run.id, run.job);
  return run;
}

void YamlRuns::update(const Run& run) {
  JobFacts facts = jobs_.read(run.job);
  const auto known = position_of(facts.runs, run.id);
  if (known == facts.runs.end()) {
    if (!YamlHistory(place_.history_path(run.job), place_.log()).replace(run)) {
      throw Error(Failure::internal,
                  fmt::format("the state {} holds no run {}", place_.index().string(), run.id));
    }
    return;
  }
  *known = run;
  if (is_finished(run)) {
    move_to_history(run.job, facts);
  }
  jobs_.save(run.job, facts);
}

// All finished runs but the newest. To the history first: a run that stands in both is one run.
void YamlRuns::move_to_history(const std::string& job, JobFacts& facts) {
  const auto last = std::find_if(facts.runs.rbegin(), facts.runs.rend(), is_finished);
  YamlHistory history(place_.history_path(job), place_.log());
  std::vector<Run> kept;
  for (Run& run : facts.runs) {
    if (!is_finished(run) || run.id == last->id) {
      kept.push_back(std::move(run));
      continue;
    }
    const auto counted = history_lines_.find(job);
    std::size_t lines = counted == history_lines_.end() ? history.count() : counted->second;
    history.append(run);
    ++lines;
    if (lines > 2 * history_runs_ + kHistorySpare) {
      history.cut(history_runs_);
      lines = history_runs_;
    }
    history_lines_[job] = lines;
  }
  facts.runs = std::move(kept);
}

std::vector<Run> YamlRuns::list(const RunQuery& query) {
  std::vector<Run> found;
  if (query.job) {
    found = list_job(*query.job, query);
  } else {
    for (const std::string& job : index_.jobs()) {
      const std::vector<Run> runs = list_job(job, query);
      found.insert(found.end(), runs.begin(), runs.end());
    }
    std::sort(found.begin(), found.end(), newer_first);
    cut_to(found, query.limit);
  }
  for (const Run& run : found) {
    remember(run.id, run.job);
  }
  return found;
}

std::vector<Run> YamlRuns::list_job(const std::string& job, const RunQuery& query) {
  const JobFacts facts = jobs_.read(job);
  std::vector<Run> runs = facts.runs;
  std::sort(runs.begin(), runs.end(), newer_first);
  std::erase_if(runs, [&query](const Run& run) { return !is_wanted(run, query); });
  // Neither unfinished runs nor the newest run are ever in the history.
  const bool is_unfinished = query.state == RunState::running || query.state == RunState::queued;
  const bool is_newest = query.limit == 1 && !query.before && !runs.empty();
  if (!is_unfinished && !is_newest) {
    runs = all_runs(job, facts);
    std::erase_if(runs, [&query](const Run& run) { return !is_wanted(run, query); });
  }
  cut_to(runs, query.limit);
  return runs;
}

/// What is kept of a job's runs, newest first.
std::vector<Run> YamlRuns::all_runs(const std::string& job, const JobFacts& facts) {
  std::vector<Run> runs = facts.runs;
  std::set<std::int64_t> ids;
  for (const Run& run : runs) {
    ids.insert(run.id);
  }
  const std::size_t wanted = history_runs_ - std::min(history_runs_, runs.size());
  for (Run& run : YamlHistory(place_.history_path(job), place_.log()).newest(wanted)) {
    if (ids.insert(run.id).second) {
      runs.push_back(std::move(run));
    }
  }
  std::sort(runs.begin(), runs.end(), newer_first);
  return runs;
}

std::optional<Run> YamlRuns::find(std::int64_t id) {
  const auto known = job_of_.find(id);
  if (known != job_of_.end()) {
    return find_in(known->second, id);
  }
  for (const std::string& job : index_.jobs()) {
    std::optional<Run> run = find_in(job, id);
    if (run) {
      return run;
    }
  }
  return std::nullopt;
}

std::optional<Run> YamlRuns::find_in(const std::string& job, std::int64_t id) {
  JobFacts facts = jobs_.read(job);
  auto found = position_of(facts.runs, id);
  if (found == facts.runs.end()) {
    facts.runs = all_runs(job, facts);
    found = position_of(facts.runs, id);
  }
  if (found == facts.runs.end()) {
    return std::nullopt;
  }
  remember(id, job);
  return *found;
}

void YamlRuns::remember(std::int64_t id, const std::string& job) {
  if (job_of_.size() >= kRememberedMax) {
    job_of_.erase(job_of_.begin());
  }
  job_of_.insert_or_assign(id, job);
}

}  // namespace rowferry
