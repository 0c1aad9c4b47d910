#include "state/yaml_jobs.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "state/yaml_history.hpp"

namespace rowferry {
namespace {

// How far ahead of the clock marks are saved (core/sequence.hpp).
constexpr std::int64_t kReserved = std::chrono::microseconds(std::chrono::minutes(10)).count();

/// A mark that is not below the lost one, unless the clock was set back since.
std::int64_t mark_after_loss(std::int64_t mark, WallTime now) {
  return std::max<std::int64_t>(mark, now.time_since_epoch().count()) + kReserved;
}

}  // namespace

JobFacts YamlJobs::read(const std::string& job) {
  const std::optional<YamlContent> found = place_.read(place_.job_file(job));
  if (!found) {
    return index_.knows(job) ? rebuild(job) : JobFacts{};
  }
  JobFacts facts = job_facts_of(found->body);
  if (!found->damage.empty()) {
    ++facts.run_seq;
    facts.sequence_mark = mark_after_loss(facts.sequence_mark, place_.now());
  }
  return facts;
}

void YamlJobs::save(const std::string& job, const JobFacts& facts) {
  make_folders(place_.job_folder(job), 0700);
  place_.job_file(job).replace(to_body(facts));
  index_.add_job(job);
}

void YamlJobs::set_paused(const std::string& job, bool paused) {
  JobFacts facts = read(job);
  if (facts.paused != paused) {
    facts.paused = paused;
    save_twice(job, facts);
  }
}

void YamlJobs::raise_run_seq(const std::string& job, std::int64_t run_seq) {
  JobFacts facts = read(job);
  if (facts.run_seq < run_seq) {
    facts.run_seq = run_seq;
    save_twice(job, facts);
  }
}

void YamlJobs::raise_sequence_mark(const std::string& job, std::int64_t mark) {
  JobFacts facts = read(job);
  if (facts.sequence_mark < mark) {
    facts.sequence_mark = mark;
    save(job, facts);
  }
}

// In both generations, for what nobody could guess after the damage of one.
void YamlJobs::save_twice(const std::string& job, const JobFacts& facts) {
  save(job, facts);
  save(job, facts);
}

// The file of a job that had one is gone: a person removed it after damage, or somebody lost it.
JobFacts YamlJobs::rebuild(const std::string& job) {
  JobFacts facts;
  facts.sequence_mark = mark_after_loss(0, place_.now());
  for (const Run& run : YamlHistory(place_.history_path(job), place_.log()).newest(kAllRuns)) {
    facts.run_seq = std::max(facts.run_seq, run.run_seq);
  }
  for (const std::filesystem::path& path : place_.checkpoint_paths(job)) {
    take_up_checkpoint(job, path, facts);
  }
  facts.units_lost = facts.units.empty();
  std::sort(facts.units.begin(), facts.units.end());
  // The last run may be known nowhere.
  ++facts.run_seq;
  save(job, facts);
  place_.log().warn("the state of a job was gone; it was made anew from history and checkpoints",
                    {{"job", job}, {"run_seq", facts.run_seq}, {"units", facts.units.size()}});
  return facts;
}

// A damaged one is told of when it is loaded.
void YamlJobs::take_up_checkpoint(const std::string& job, const std::filesystem::path& path,
                                  JobFacts& facts) {
  try {
    const std::optional<YamlContent> found = place_.read(place_.checkpoint_file_at(path, job));
    if (found) {
      const boost::json::string& unit = found->body.at("unit").as_string();
      facts.units.emplace_back(unit.data(), unit.size());
      facts.run_seq = std::max(facts.run_seq, found->body.at("run_seq").as_int64());
    }
  } catch (const Error& error) {
    if (error.reason() != "corrupt") {
      throw;
    }
  }
}

}  // namespace rowferry
