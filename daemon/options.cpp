#include "daemon/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/version.hpp"

namespace rowferry {
namespace {

struct LaterCommand {
  std::string_view name;
  std::string_view text;
};

constexpr auto kLaterCommands = std::to_array<LaterCommand>({
    {"status", "The jobs of a running daemon"},
    {"trigger", "Start a run in a running daemon"},
    {"pause", "Pause a job of a running daemon"},
    {"resume", "Resume a job of a running daemon"},
    {"cancel", "Cancel the run of a job in a running daemon"},
    {"dead-letters", "List, replay or drop rejected rows"},
    {"validate", "Compare source and sink"},
});

CLI::Option* add_config(CLI::App& command, Options& options) {
  return command.add_option("--config", options.config, "The configuration file")
      ->required()
      ->type_name("FILE");
}

void add_serve(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand("serve", "Run the daemon in the foreground");
  add_config(*command, options);
  command->callback([&options] { options.command = Command::serve; });
}

void add_check(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand("check", "Validate the configuration");
  add_config(*command, options);
  command->add_flag("--offline", options.offline, "Do not connect to anything");
  command->callback([&options] { options.command = Command::check; });
}

void add_plan(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand(
      "plan", "What each job would do: SQL, types, sample rows, warnings; writes nothing");
  add_config(*command, options);
  command->add_option("JOB", options.job, "Only this job");
  command->add_flag("--json", options.json, "Print the plan as JSON on standard output");
  command->callback([&options] { options.command = Command::plan; });
}

void add_run(CLI::App& program, Options& options) {
  CLI::App* command =
      program.add_subcommand("run", "One run of one job in the foreground, then exit");
  add_config(*command, options);
  command->add_option("JOB", options.job, "The job's name")->required();
  command->add_flag("--full", options.full, "Copy everything again");
  command->add_flag("--json", options.json, "Print the run as JSON on standard output");
  command->add_option("--from", options.from, "Begin of a backfill");
  command->add_option("--to", options.to, "End of a backfill");
  command->callback([&options] { options.command = Command::run; });
}

// For the test suites that walk every step at which a run can be stopped.
void add_failpoints(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand("failpoints", "List the names of all failpoints");
  command->group("");
  command->callback([&options] { options.command = Command::failpoints; });
}

// Notes the name of a command that this version knows of but does not build.
void add_later(CLI::App& program, std::string& asked_for) {
  for (const LaterCommand& later : kLaterCommands) {
    CLI::App* command =
        program.add_subcommand(std::string(later.name), std::string(later.text) + " (later)");
    command->allow_extras();
    command->callback([&asked_for, later] { asked_for = later.name; });
  }
}

// `rowferry help [COMMAND]` is `rowferry [COMMAND] --help`.
std::vector<std::string> without_help_command(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.push_back("--help");
  }
  return words;
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options options;
  CLI::App program("rowferry: a ferry for rows. It keeps other systems equal to a SQL database.",
                   "rowferry");
  program.set_version_flag("--version", fmt::format("rowferry {} ({})", version(), revision()));
  program.set_help_flag("-h,--help", "Print this help");
  program.require_subcommand(1);
  add_serve(program, options);
  add_check(program, options);
  add_plan(program, options);
  add_run(program, options);
  add_failpoints(program, options);
  std::string later;
  add_later(program, later);
  std::vector<std::string> words = without_help_command(argc, argv);
  if (words.empty()) {
    words.push_back("--help");
    parsed.status = ExitStatus::wrong_usage;
  }
  std::reverse(words.begin(), words.end());
  try {
    program.parse(words);
    if (later.empty()) {
      parsed.options = options;
    } else {
      fmt::print(stderr, "rowferry: {}: not built yet\n", later);
      parsed.status = ExitStatus::wrong_usage;
    }
  } catch (const CLI::Success& success) {
    program.exit(success);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "rowferry: {}\nTry: rowferry help\n", error.what());
    parsed.status = ExitStatus::wrong_usage;
  }
  return parsed;
}

}  // namespace rowferry
