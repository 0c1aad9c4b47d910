#include "daemon/preflight/report.hpp"

#include <algorithm>

namespace rowferry {
namespace {

void append(const std::vector<Finding>& more, std::vector<Finding>& findings) {
  findings.insert(findings.end(), more.begin(), more.end());
}

bool has(const std::vector<Finding>& findings, Severity severity) {
  return std::ranges::find(findings, severity, &Finding::severity) != findings.end();
}

}  // namespace

std::vector<Finding> JobReport::all_findings() const {
  std::vector<Finding> all = source.findings;
  append(findings, all);
  append(sink.findings, all);
  return all;
}

std::vector<Finding> PreflightReport::all_findings() const {
  std::vector<Finding> all;
  for (const ConnectionReport& connection : connections) {
    append(connection.findings, all);
  }
  for (const JobReport& job : jobs) {
    append(job.all_findings(), all);
  }
  return all;
}

const ConnectionReport* PreflightReport::find(const std::string& connection) const {
  const auto found = std::ranges::find(connections, connection, &ConnectionReport::name);
  return found == connections.end() ? nullptr : &*found;
}

ExitStatus status_of(const std::vector<Finding>& findings) {
  if (has(findings, Severity::wrong)) {
    return ExitStatus::wrong_usage;
  }
  return has(findings, Severity::refused) ? ExitStatus::unreachable : ExitStatus::done;
}

std::string_view word_of(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return "ok";
    case Severity::warning:
      return "warning";
    case Severity::wrong:
    case Severity::refused:
      return "error";
  }
  return "error";
}

}  // namespace rowferry
