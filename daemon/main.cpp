#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "base/error.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/options.hpp"

namespace rowferry {
namespace {

ExitStatus carry_out(const Options& options) {
  switch (options.command) {
    case Command::serve:
      return serve(options);
    case Command::check:
      return check(options);
    case Command::run:
      return run(options);
    case Command::failpoints:
      return list_failpoints();
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

ExitStatus start(int argc, char** argv) {
  const ParsedOptions parsed = parse_options(argc, argv);
  if (!parsed.options) {
    return parsed.status;
  }
  try {
    return carry_out(*parsed.options);
  } catch (const Error& error) {
    fmt::print(stderr, "rowferry: {}\n", error.what());
    return status_of(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "rowferry: unexpected: {}\n", error.what());
    return ExitStatus::run_failed;
  }
}

}  // namespace
}  // namespace rowferry

int main(int argc, char** argv) { return static_cast<int>(rowferry::start(argc, argv)); }
