#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "core/run.hpp"

namespace rowferry {

/// What a state in YAML knows of a job, beside its checkpoints, dead letters and history.
struct JobFacts {
  bool paused = false;
  std::int64_t run_seq = 0;
  std::int64_t sequence_mark = 0;
  std::vector<std::string> units;  ///< those that have a checkpoint, in order
  bool units_lost = false;         ///< there were checkpoints; nobody knows which
  std::vector<Run> runs;           ///< the last finished one and all unfinished ones, by id
};

/// The facts as they stand in a file behind its identity, and back; the latter throws
/// Error{internal} when the map is none.
[[nodiscard]] boost::json::object to_body(const JobFacts& facts);
[[nodiscard]] JobFacts job_facts_of(const boost::json::object& body);

}  // namespace rowferry
