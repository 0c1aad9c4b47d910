#include <fmt/format.h>

#include "base/failpoint.hpp"
#include "daemon/commands/commands.hpp"

namespace rowferry {

ExitStatus list_failpoints() {
  for (const std::string_view name : failpoint_names()) {
    fmt::print("{}\n", name);
  }
  return ExitStatus::done;
}

}  // namespace rowferry
