#include "engine/control.hpp"

namespace rowferry {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::waiting:
      return "waiting";
    case JobState::running:
      return "running";
    case JobState::backing_off:
      return "backing_off";
    case JobState::paused:
      return "paused";
    case JobState::failed:
      return "failed";
  }
  return "failed";
}

}  // namespace rowferry
