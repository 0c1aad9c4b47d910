#pragma once

#include <optional>
#include <string>

#include "daemon/exit_status.hpp"

namespace rowferry {

/// The commands of this version; those of later ones are known, and refused by name.
enum class Command { serve, check, plan, run, failpoints };

/// The command line, parsed.
struct Options {
  Command command = Command::serve;
  std::string config;
  std::string job;
  std::string from;
  std::string to;
  bool offline = false;
  bool full = false;
  bool json = false;
};

/// What the command line asked for: options to act on, or the exit status when it was answered
/// already (help, version, a mistake).
struct ParsedOptions {
  std::optional<Options> options;
  ExitStatus status = ExitStatus::done;
};

/// Reads the command line. Help and version go to standard output, mistakes to standard error.
[[nodiscard]] ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace rowferry
