#include "daemon/preflight/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/plain_words.hpp"
#include "daemon/preflight/check_text.hpp"
#include "engine/timetable.hpp"

namespace rowferry {
namespace {

constexpr std::size_t kSampleBytesMax = 2000;

// Each line behind blanks; no line break at the end but one.
std::string indented(std::string_view text, std::size_t blanks) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += fmt::format("{}{}\n", std::string(blanks, ' '), text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string shortened(const std::string& text) {
  if (text.size() <= kSampleBytesMax) {
    return text;
  }
  std::size_t size = kSampleBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80) {
    --size;
  }
  return fmt::format("{}... ({})", text.substr(0, size),
                     about_bytes(static_cast<std::int64_t>(text.size())));
}

void append_reading(const JobReport& report, std::string& text) {
  const JobSettings& settings = report.job->settings;
  text += fmt::format("  from  {}\n  to    {}\n  runs  {}\n", report.job->source_text,
                      report.job->sink_text, Timetable(settings.schedule).text());
  const SourceExamination& source = report.source;
  if (source.rows_expected && source.bytes_expected) {
    text += fmt::format("  rows  about {}, {} (the planner's estimate of a full copy)\n",
                        grouped(*source.rows_expected), about_bytes(*source.bytes_expected));
  }
  if (!source.ways.empty()) {
    text += "\n  Reading\n";
  }
  for (const std::string& way : source.ways) {
    text += fmt::format("    {}\n", way);
  }
}

void append_statements(const JobReport& report, std::string& text) {
  for (const PlannedStatement& statement : report.source.statements) {
    text += fmt::format("\n  Statement: {}\n{}", statement.title, indented(statement.sql, 4));
    text += indented(statement.explain, 6);
  }
}

void append_columns(const JobReport& report, Colours colours, std::string& text) {
  if (report.source.columns.empty()) {
    return;
  }
  TextTable table({{"COLUMN"}, {"TYPE"}, {"READ AS"}, {"SENT AS"}, {"ROLE"}});
  const std::vector<std::string>& forms = report.sink.forms;
  for (std::size_t index = 0; index < report.source.columns.size(); ++index) {
    const PlannedColumn& column = report.source.columns[index];
    const std::string form = index < forms.size() ? forms[index] : std::string();
    table.add({{column.name},
               {column.source_type + (column.nullable ? "" : ", not null")},
               {column.as_text ? "its text" : column.cell_type},
               {form.empty() ? "not sent" : form},
               {column.role}},
              "");
  }
  text += "\n  Columns\n" + indented(table.text(colours), 4);
}

void append_creations(const JobReport& report, std::string& text) {
  if (!report.sink.creations.empty()) {
    text += "\n  Would be made\n";
  }
  for (const PlannedCreation& creation : report.sink.creations) {
    text += fmt::format("    {}\n{}", creation.what, indented(creation.body, 6));
  }
}

void append_samples(const JobReport& report, std::string& text) {
  const std::size_t rows = report.rows_read.size();
  if (rows > 0) {
    text += "\n  Sample rows, as read and as sent\n";
  }
  for (std::size_t row = 0; row < rows; ++row) {
    text += indented(shortened(report.rows_read[row]), 4);
    if (row < report.sink.samples.size()) {
      text += indented(shortened(report.sink.samples[row]), 6);
    }
  }
}

void append_memory(const JobReport& report, std::string& text) {
  if (report.buffers.empty()) {
    return;
  }
  text += fmt::format("\n  Memory: at most {}, and three times its size for a single large row\n",
                      about_bytes(static_cast<std::int64_t>(report.bytes_max)));
  for (const PlannedBuffer& buffer : report.buffers) {
    text += fmt::format("    {:>9}  {}\n", about_bytes(static_cast<std::int64_t>(buffer.bytes_max)),
                        buffer.what);
  }
}

// What of the connection and the job is not as it should be.
std::vector<Finding> faults_of(const PreflightReport& report, const JobReport& job) {
  std::vector<Finding> faults;
  const auto take = [&faults](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (finding.severity != Severity::ok) {
        faults.push_back(finding);
      }
    }
  };
  const std::vector<std::string> used = job.job->connections();
  for (const ConnectionReport& connection : report.connections) {
    if (std::ranges::find(used, connection.name) != used.end()) {
      take(without_name(connection.findings, connection.name));
    }
  }
  take(findings_of(job));
  return faults;
}

void append_faults(const std::vector<Finding>& faults, std::string& text) {
  text += fmt::format("\n  {}\n", faults.empty() ? "No warnings" : "Warnings and errors");
  for (const Finding& fault : faults) {
    text += fmt::format("    {}: {}\n", word_of(fault.severity), one_line(fault.text));
    text += indented(one_line(fault.remedy), 6);
  }
}

}  // namespace

std::string plan_text(const PreflightReport& report, Colours colours) {
  std::string text;
  for (const JobReport& job : report.jobs) {
    text += fmt::format("{}job {}\n", text.empty() ? "" : "\n", job.job->settings.name);
    append_reading(job, text);
    append_statements(job, text);
    append_columns(job, colours, text);
    append_creations(job, text);
    append_samples(job, text);
    append_memory(job, text);
    append_faults(faults_of(report, job), text);
  }
  return text;
}

}  // namespace rowferry
