#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/exit_status.hpp"

namespace rowferry {

/// The commands of this version; those of later ones are known, and refused by name.
enum class Command {
  serve,
  check,
  plan,
  run,
  failpoints,
  status,
  trigger,
  pause,
  resume,
  cancel,
  dead_letters_list,
  dead_letters_replay,
  dead_letters_drop,
};

/// Where a running daemon is, and how to be let in.
struct ApiOptions {
  std::string url = "http://127.0.0.1:8470";  ///< or https://..., unix:/PATH
  std::string token_file;                     ///< empty: none
  std::string ca_file;                        ///< PEM; empty: the system's authorities
};

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

  ApiOptions api;
  std::string run_type;  ///< of trigger; empty: sync, with a window backfill
  bool all = false;      ///< every job
  bool wait = false;     ///< for the end of the run
  std::string reason;    ///< of dead letters; empty: any
  std::int64_t limit = 100;
};

/// What the command line asked for: options to act on, or the exit status when it was answered
/// already (help, version, a mistake).
struct ParsedOptions {
  std::optional<Options> options;
  ExitStatus status = ExitStatus::done;
};

/// Reads the command line. Help and version go to standard output, mistakes to standard error.
[[nodiscard]] ParsedOptions parse_options(int argc, const char* const* argv);

/// A command with its options, as its help shows them.
struct CommandHelp {
  std::string name;                  ///< `status`, `dead-letters list`
  std::vector<std::string> options;  ///< `--api`, .., and `JOB`
};

/// Every command that help names, for the test that compares the manual page.
[[nodiscard]] std::vector<CommandHelp> command_help();

}  // namespace rowferry
