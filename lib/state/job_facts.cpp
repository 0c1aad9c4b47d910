#include "state/job_facts.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <utility>

#include "base/error.hpp"
#include "state/run_record.hpp"

namespace rowferry {

namespace json = boost::json;

json::object to_body(const JobFacts& facts) {
  json::array units;
  for (const std::string& unit : facts.units) {
    units.emplace_back(unit);
  }
  json::array runs;
  for (const Run& run : facts.runs) {
    runs.emplace_back(to_record(run));
  }
  return {{"paused", facts.paused},
          {"run_seq", facts.run_seq},
          {"sequence_mark", facts.sequence_mark},
          {"units", std::move(units)},
          {"units_lost", facts.units_lost},
          {"runs", std::move(runs)}};
}

JobFacts job_facts_of(const json::object& body) {
  try {
    JobFacts facts;
    facts.paused = body.at("paused").as_bool();
    facts.run_seq = body.at("run_seq").as_int64();
    facts.sequence_mark = body.at("sequence_mark").as_int64();
    for (const json::value& unit : body.at("units").as_array()) {
      facts.units.emplace_back(unit.as_string().data(), unit.as_string().size());
    }
    facts.units_lost = body.at("units_lost").as_bool();
    for (const json::value& run : body.at("runs").as_array()) {
      facts.runs.push_back(run_of(run.as_object()));
    }
    return facts;
  } catch (const std::exception& cause) {
    throw Error(Failure::internal, fmt::format("not the state of a job: {}", cause.what()));
  }
}

}  // namespace rowferry
