#include <fmt/format.h>

#include "daemon/commands/commands.hpp"
#include "daemon/preflight/examination.hpp"
#include "daemon/preflight/plan_json.hpp"
#include "daemon/preflight/plan_text.hpp"
#include "daemon/startup.hpp"

namespace rowferry {

ExitStatus plan(const Options& options, const config::Components& components) {
  Redactor redactor;
  const auto settings = load_or_explain(options.config, components, redactor);
  if (!settings || !has_job_or_explain(*settings, options)) {
    return ExitStatus::wrong_usage;
  }
  const PreflightReport report = examine(*settings, options.job, Depth::plan, redactor);
  const std::string text =
      options.json ? plan_json(report) : plan_text(report, colours_of_output());
  fmt::print("{}", redactor.redact(text));
  return status_of(report.all_findings());
}

}  // namespace rowferry
