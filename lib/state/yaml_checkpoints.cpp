#include "state/yaml_checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "core/checkpoint_codec.hpp"

namespace rowferry {

namespace json = boost::json;

std::optional<Checkpoint> YamlCheckpoints::load(const std::string& job, const std::string& unit) {
  const YamlFile file = place_.checkpoint_file(job, unit);
  const std::optional<YamlContent> found = place_.read(file);
  if (found) {
    return decode_checkpoint(json::serialize(found->body));
  }
  const JobFacts facts = jobs_.read(job);
  const bool had_one =
      facts.units_lost || std::binary_search(facts.units.begin(), facts.units.end(), unit);
  if (had_one) {
    throw Error(Failure::config,
                fmt::format("the checkpoint of job {}{}{} is gone: there was one in {}. Put a "
                            "backup of the file in its place, or ask for a full copy of the job "
                            "(rowferry run --full), which needs no checkpoint",
                            job, unit.empty() ? "" : ", unit ", unit, file.path().string()))
        .with_reason("corrupt");
  }
  return std::nullopt;
}

// The file first: a unit that is listed has one.
void YamlCheckpoints::save(const std::string& job, const std::string& unit,
                           const Checkpoint& checkpoint) {
  make_folders(place_.job_folder(job), 0700);
  const json::value body = json::parse(encode_checkpoint(checkpoint));
  place_.checkpoint_file(job, unit).replace(body.as_object());
  JobFacts facts = jobs_.read(job);
  const auto place = std::lower_bound(facts.units.begin(), facts.units.end(), unit);
  if (place == facts.units.end() || *place != unit || facts.units_lost) {
    facts.units.insert(place, unit);
    facts.units_lost = false;
    jobs_.save(job, facts);
  }
}

void YamlCheckpoints::erase(const std::string& job, const std::string& unit) {
  JobFacts facts = jobs_.read(job);
  const bool was_listed = std::erase(facts.units, unit) > 0;
  if (was_listed || facts.units_lost) {
    facts.units_lost = false;
    jobs_.save(job, facts);
  }
  place_.checkpoint_file(job, unit).erase();
}

std::vector<std::string> YamlCheckpoints::units(const std::string& job) {
  return jobs_.read(job).units;
}

}  // namespace rowferry
