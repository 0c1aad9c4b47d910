#include "daemon/program.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/options.hpp"

namespace rowferry {
namespace {

ExitStatus carry_out(const Options& options, const config::Components& components) {
  switch (options.command) {
    case Command::serve:
      return serve(options, components);
    case Command::check:
      return check(options, components);
    case Command::plan:
      return plan(options, components);
    case Command::run:
      return run(options, components);
    case Command::failpoints:
      return list_failpoints();
    case Command::status:
      return status(options);
    case Command::trigger:
      return trigger(options);
    case Command::pause:
      return pause(options);
    case Command::resume:
      return resume(options);
    case Command::cancel:
      return cancel(options);
    case Command::dead_letters_list:
      return list_dead_letters(options);
    case Command::dead_letters_replay:
      return replay_dead_letters(options);
    case Command::dead_letters_drop:
      return drop_dead_letters(options);
  }
  return ExitStatus::wrong_usage;
}

ExitStatus status_of(const Error& error) {
  switch (error.failure()) {
    case Failure::config:
      return ExitStatus::wrong_usage;
    case Failure::transient:
      return ExitStatus::unreachable;
    default:
      return ExitStatus::run_failed;
  }
}

ExitStatus start(int argc, char** argv, const config::Components& components) {
  const ParsedOptions parsed = parse_options(argc, argv);
  if (!parsed.options) {
    return parsed.status;
  }
  try {
    return carry_out(*parsed.options, components);
  } catch (const Error& error) {
    fmt::print(stderr, "rowferry: {}\n", error.what());
    return status_of(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rowferry: unexpected: {}\n", error.what());
    return ExitStatus::run_failed;
  }
}

}  // namespace

int run_program(int argc, char** argv, const config::Components& components) {
  return static_cast<int>(start(argc, argv, components));
}

}  // namespace rowferry
