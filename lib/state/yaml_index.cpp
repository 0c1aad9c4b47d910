#include "state/yaml_index.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "state/job_facts.hpp"
#include "state/yaml_history.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

YamlIdentity identity_of_index(const YamlPlace& place) {
  YamlIdentity identity;
  identity.title = "the index of the state";
  identity.keys = {{"kind", "index"}};
  identity.remedy =
      "Put a backup of the file in its place; or remove it and the .previous beside it, and it is "
      "made anew from " +
      place.folder().string() + "; or set another daemon.state.path";
  return identity;
}

}  // namespace

YamlIndex::YamlIndex(YamlPlace& place)
    : place_(place), file_(place.index(), identity_of_index(place)) {}

void YamlIndex::open() {
  if (!read()) {
    save(rebuild());
  }
}

std::int64_t YamlIndex::next_run_id() {
  Content content = read_known();
  ++content.last_run_id;
  save(content);
  return content.last_run_id;
}

void YamlIndex::add_job(const std::string& job) {
  if (seen_.contains(job)) {
    return;
  }
  Content content = read_known();
  if (content.jobs.insert(job).second) {
    save(content);
  }
  seen_ = std::move(content.jobs);
}

std::set<std::string> YamlIndex::jobs() { return read_known().jobs; }

bool YamlIndex::knows(const std::string& job) {
  return seen_.contains(job) || jobs().contains(job);
}

std::optional<YamlIndex::Content> YamlIndex::read() {
  const std::optional<YamlContent> found = place_.read(file_);
  if (!found) {
    return std::nullopt;
  }
  Content content;
  content.last_run_id = found->body.at("last_run_id").as_int64();
  // The generation that was lost may have given one number more.
  content.last_run_id += found->damage.empty() ? 0 : 1;
  for (const json::value& job : found->body.at("jobs").as_array()) {
    content.jobs.emplace(job.as_string().data(), job.as_string().size());
  }
  return content;
}

YamlIndex::Content YamlIndex::read_known() {
  std::optional<Content> content = read();
  if (!content) {
    content = rebuild();
  }
  return *std::move(content);
}

// What the folders of the jobs know, where a person removed a damaged index, or somebody lost it.
YamlIndex::Content YamlIndex::rebuild() {
  Content content;
  for (const std::string& name : names_in(place_.folder())) {
    const std::filesystem::path folder = place_.folder() / name;
    const std::optional<YamlContent> found = place_.read(place_.job_file_in(folder));
    if (!found) {
      continue;
    }
    const json::string& job = found->body.at("job").as_string();
    content.jobs.emplace(job.data(), job.size());
    std::vector<Run> runs = job_facts_of(found->body).runs;
    const std::vector<Run> finished =
        YamlHistory(place_.history_path_in(folder), place_.log()).newest(kAllRuns);
    runs.insert(runs.end(), finished.begin(), finished.end());
    for (const Run& run : runs) {
      content.last_run_id = std::max(content.last_run_id, run.id);
    }
  }
  if (!content.jobs.empty()) {
    place_.log().warn("the index of the state was gone; it was made anew from the jobs' folders",
                      {{"file", file_.path().string()}, {"jobs", content.jobs.size()}});
  }
  return content;
}

void YamlIndex::save(const Content& content) {
  json::array jobs;
  for (const std::string& job : content.jobs) {
    jobs.emplace_back(job);
  }
  file_.replace({{"last_run_id", content.last_run_id}, {"jobs", std::move(jobs)}});
}

}  // namespace rowferry
