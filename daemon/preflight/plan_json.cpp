#include "daemon/preflight/plan_json.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/timetable.hpp"

namespace rowferry {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

json::value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::array json_of(const std::vector<std::string>& texts) {
  json::array list;
  for (const std::string& text : texts) {
    list.emplace_back(text);
  }
  return list;
}

json::array json_of(const std::vector<Finding>& findings) {
  json::array list;
  for (const Finding& finding : findings) {
    list.emplace_back(json::object{{"severity", view(word_of(finding.severity))},
                                   {"text", finding.text},
                                   {"remedy", finding.remedy}});
  }
  return list;
}

json::array statements_of(const JobReport& report) {
  json::array list;
  for (const PlannedStatement& statement : report.source.statements) {
    list.emplace_back(json::object{
        {"title", statement.title}, {"sql", statement.sql}, {"explain", statement.explain}});
  }
  return list;
}

json::array columns_of(const JobReport& report) {
  json::array list;
  const std::vector<std::string>& forms = report.sink.forms;
  for (std::size_t index = 0; index < report.source.columns.size(); ++index) {
    const PlannedColumn& column = report.source.columns[index];
    const bool is_sent = index < forms.size() && !forms[index].empty();
    list.emplace_back(
        json::object{{"name", column.name},
                     {"source_type", column.source_type},
                     {"cell_type", column.cell_type},
                     {"as_text", column.as_text},
                     {"nullable", column.nullable},
                     {"role", column.role},
                     {"sent_as", is_sent ? json::value(forms[index]) : json::value(nullptr)}});
  }
  return list;
}

json::array creations_of(const JobReport& report) {
  json::array list;
  for (const PlannedCreation& creation : report.sink.creations) {
    list.emplace_back(json::object{{"what", creation.what}, {"body", creation.body}});
  }
  return list;
}

json::array samples_of(const JobReport& report) {
  json::array list;
  const std::vector<std::string>& sent = report.sink.samples;
  for (std::size_t row = 0; row < report.rows_read.size(); ++row) {
    list.emplace_back(
        json::object{{"read", report.rows_read[row]},
                     {"sent", row < sent.size() ? json::value(sent[row]) : json::value(nullptr)}});
  }
  return list;
}

json::object memory_of(const JobReport& report) {
  json::array buffers;
  for (const PlannedBuffer& buffer : report.buffers) {
    buffers.emplace_back(json::object{{"what", buffer.what}, {"bytes_max", buffer.bytes_max}});
  }
  return {{"bytes_max", report.bytes_max}, {"buffers", std::move(buffers)}};
}

json::object json_of(const JobReport& report) {
  const JobDefinition& job = *report.job;
  return {{"name", job.settings.name},
          {"source", job.source_text},
          {"sink", job.sink_text},
          {"schedule", Timetable(job.settings.schedule).text()},
          {"rows_expected", number_or_null(report.source.rows_expected)},
          {"bytes_expected", number_or_null(report.source.bytes_expected)},
          {"reading", json_of(report.source.ways)},
          {"statements", statements_of(report)},
          {"columns", columns_of(report)},
          {"creations", creations_of(report)},
          {"samples", samples_of(report)},
          {"memory", memory_of(report)},
          {"findings", json_of(report.all_findings())}};
}

}  // namespace

std::string plan_json(const PreflightReport& report) {
  json::array connections;
  for (const ConnectionReport& connection : report.connections) {
    connections.emplace_back(
        json::object{{"name", connection.name}, {"findings", json_of(connection.findings)}});
  }
  json::array jobs;
  for (const JobReport& job : report.jobs) {
    jobs.emplace_back(json_of(job));
  }
  return json::serialize(
             json::object{{"connections", std::move(connections)}, {"jobs", std::move(jobs)}}) +
         "\n";
}

}  // namespace rowferry
