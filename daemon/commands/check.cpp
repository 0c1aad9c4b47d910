#include <fmt/format.h>

#include <cstdio>

#include "daemon/commands/commands.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/plain_words.hpp"
#include "daemon/preflight/check_text.hpp"
#include "daemon/preflight/examination.hpp"
#include "daemon/startup.hpp"

namespace rowferry {

ExitStatus check(const Options& options, const config::Components& components) {
  Redactor redactor;
  const auto settings = load_or_explain(options.config, components, redactor);
  if (!settings) {
    return ExitStatus::wrong_usage;
  }
  fmt::print(stderr, "{}: right: {}, {}\n", options.config,
             counted(settings->connections.size(), "connection"),
             counted(settings->jobs.size(), "job"));
  if (options.offline) {
    return ExitStatus::done;
  }
  const PreflightReport report = examine(*settings, "", Depth::check, redactor);
  fmt::print("{}", redactor.redact(check_text(report)));
  return status_of(report.all_findings());
}

}  // namespace rowferry
