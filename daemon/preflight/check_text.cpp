#include "daemon/preflight/check_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "daemon/plain_words.hpp"

namespace rowferry {
namespace {

std::size_t count(const std::vector<Finding>& findings, std::string_view word) {
  return static_cast<std::size_t>(std::ranges::count_if(
      findings, [word](const Finding& finding) { return word_of(finding.severity) == word; }));
}

void append(std::string_view subject, const std::vector<Finding>& findings, std::string& text) {
  for (const Finding& finding : findings) {
    text += fmt::format("{}: {} {}\n", subject, word_of(finding.severity), one_line(finding.text));
    if (!finding.remedy.empty()) {
      text += fmt::format("    {}\n", one_line(finding.remedy));
    }
  }
}

}  // namespace

std::vector<Finding> without_name(std::vector<Finding> findings, const std::string& connection) {
  const std::string beginning = fmt::format("connection {}: ", connection);
  for (Finding& finding : findings) {
    if (finding.text.starts_with(beginning)) {
      finding.text.erase(0, beginning.size());
    }
  }
  return findings;
}

std::vector<Finding> findings_of(const JobReport& report) {
  return without_name(without_name(report.all_findings(), report.job->source_connection),
                      report.job->sink_connection);
}

std::string sum_text(const std::vector<Finding>& findings) {
  const std::size_t errors = count(findings, "error");
  const std::size_t warnings = count(findings, "warning");
  return fmt::format("{}, {}", errors == 0 ? "no errors" : counted(errors, "error"),
                     warnings == 0 ? "no warnings" : counted(warnings, "warning"));
}

std::string check_text(const PreflightReport& report) {
  std::string text;
  for (const ConnectionReport& connection : report.connections) {
    append("connection " + connection.name, without_name(connection.findings, connection.name),
           text);
  }
  for (const JobReport& job : report.jobs) {
    append("job " + job.job->settings.name, findings_of(job), text);
  }
  text += fmt::format("{}, {}: {}\n", counted(report.connections.size(), "connection"),
                      counted(report.jobs.size(), "job"), sum_text(report.all_findings()));
  return text;
}

}  // namespace rowferry
