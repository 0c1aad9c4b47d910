#include "daemon/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/nearest_word.hpp"
#include "daemon/options_parts.hpp"
#include "daemon/version.hpp"

namespace rowferry {
namespace {

struct LaterCommand {
  std::string_view name;
  std::string_view text;
};

constexpr auto kLaterCommands = std::to_array<LaterCommand>({
    {"validate", "Compare source and sink"},
});

constexpr std::size_t kNameColumn = 32;

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

std::unique_ptr<CLI::App> make_program(Options& options, std::string& later) {
  auto program = std::make_unique<CLI::App>(
      "rowferry: a ferry for rows. It keeps other systems equal to a SQL database.", "rowferry");
  program->set_version_flag("--version", fmt::format("rowferry {} ({})", version(), revision()));
  program->set_help_flag("-h,--help", "Print this help");
  program->get_formatter()->column_width(kNameColumn);
  program->require_subcommand(1);
  add_local_commands(*program, options);
  add_client_commands(*program, options);
  add_failpoints(*program, options);
  add_later(*program, later);
  program->footer(
      "rowferry help COMMAND tells more, with examples.\n"
      "\n"
      "Exit status: 0 done; 1 a run failed, or the daemon refused; 2 the command line or the\n"
      "configuration is wrong; 3 a server could not be reached or refused us; 4 done, but rows "
      "went\n"
      "to the dead letters. Machine output goes to standard output, everything else to standard\n"
      "error.\n");
  return program;
}

std::string environment_or(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? fallback : value;
}

// What the command line may override.
ApiOptions api_of_environment() {
  ApiOptions api;
  api.url = environment_or("ROWFERRY_API", api.url);
  api.token_file = environment_or("ROWFERRY_TOKEN_FILE", "");
  api.ca_file = environment_or("ROWFERRY_CA_FILE", "");
  return api;
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

// What is wrong with the word where a command's name should stand; empty when nothing is.
std::string fault_of_command(const CLI::App& program, const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with('-')) {
    return {};
  }
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands(nullptr)) {
    if (command->get_name() == words.front()) {
      return {};
    }
    if (!command->get_group().empty()) {
      names.push_back(command->get_name());
    }
  }
  return fmt::format("there is no command '{}', did you mean '{}'?", words.front(),
                     config::nearest_word(words.front(), names));
}

ExitStatus explain_mistake(const std::string& text) {
  fmt::print(stderr, "rowferry: {}\nTry: rowferry help\n", text);
  return ExitStatus::wrong_usage;
}

void add_help_of(const CLI::App& command, const std::string& before,
                 std::vector<CommandHelp>& all) {
  CommandHelp help;
  help.name = before + command.get_name();
  const auto commands = command.get_subcommands(nullptr);
  for (const CLI::App* inner : commands) {
    add_help_of(*inner, help.name + " ", all);
  }
  for (const CLI::Option* option : command.get_options()) {
    const std::string dashes = option->nonpositional() ? "--" : "";
    help.options.push_back(dashes + option->get_single_name());
  }
  if (commands.empty()) {
    all.push_back(std::move(help));
  }
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  ParsedOptions parsed;
  Options options;
  options.api = api_of_environment();
  std::string later;
  const auto program = make_program(options, later);
  std::vector<std::string> words = without_help_command(argc, argv);
  if (words.empty()) {
    words.push_back("--help");
    parsed.status = ExitStatus::wrong_usage;
  }
  const std::string fault = fault_of_command(*program, words);
  if (!fault.empty()) {
    parsed.status = explain_mistake(fault);
    return parsed;
  }
  std::reverse(words.begin(), words.end());
  try {
    program->parse(words);
    if (later.empty()) {
      parsed.options = options;
    } else {
      fmt::print(stderr, "rowferry: {}: not built yet\n", later);
      parsed.status = ExitStatus::wrong_usage;
    }
  } catch (const CLI::Success& success) {
    program->exit(success);
  } catch (const CLI::ParseError& error) {
    parsed.status = explain_mistake(error.what());
  }
  return parsed;
}

std::vector<CommandHelp> command_help() {
  Options options;
  std::string later;
  const auto program = make_program(options, later);
  std::vector<CommandHelp> all;
  for (const CLI::App* command : program->get_subcommands(nullptr)) {
    if (!command->get_group().empty()) {
      add_help_of(*command, "", all);
    }
  }
  return all;
}

}  // namespace rowferry
