#include "daemon/preflight/examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <utility>

#include "base/async.hpp"
#include "base/error.hpp"
#include "core/row_json.hpp"
#include "daemon/event_loop.hpp"
#include "engine/connectors.hpp"
#include "engine/prefetch_limits.hpp"

namespace rowferry {
namespace {

// What the program needs whatever it does.
constexpr std::size_t kBaseBytes = 64u << 20;

bool is_chosen(const JobDefinition& definition, const std::string& job) {
  return job.empty() || definition.settings.name == job;
}

Finding finding_of_bug(const Error& error) {
  Finding finding = finding_of(error);
  finding.remedy = "report it, with the text of the message";
  return finding;
}

// Rows as they were read, before the transforms touch them.
std::vector<std::string> rows_as_json(const Batch& batch) {
  const JsonRowEncoder encoder(batch.schema_pointer(), IdentityColumns::written);
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    Buffer text;
    encoder.append_row(batch, row, text);
    rows.emplace_back(text.view());
  }
  return rows;
}

Task<> run(PreflightExamination& examination, PreflightReport& report) {
  PreflightReport found = co_await examination.run();
  report = std::move(found);
}

}  // namespace

PreflightExamination::PreflightExamination(const config::Settings& settings, const std::string& job,
                                           Depth depth, const Runtime& runtime)
    : settings_(settings), depth_(depth), runtime_(runtime) {
  std::set<std::string> used;
  for (const JobDefinition& definition : settings.jobs) {
    if (is_chosen(definition, job)) {
      for (const std::string& name : definition.connections()) {
        used.insert(name);
      }
      report_.jobs.emplace_back().job = &definition;
    }
  }
  for (const ConnectionDefinition& definition : settings.connections) {
    if (job.empty() || used.contains(definition.name)) {
      connections_[definition.name] = definition.make(runtime);
      report_.connections.push_back({definition.name, {}});
    }
  }
  for (const ConnectionDefinition& definition : settings.connections) {
    if (connections_.contains(definition.name) && connections_.contains(definition.primary)) {
      connections_.at(definition.name)->follow(connections_.at(definition.primary));
    }
  }
}

Task<PreflightReport> PreflightExamination::run() {
  TaskGroup tasks(runtime_.executor);
  for (std::size_t index = 0; index < report_.connections.size(); ++index) {
    tasks.spawn(examine_connection(index));
  }
  co_await tasks.join();
  for (std::size_t index = 0; index < report_.jobs.size(); ++index) {
    tasks.spawn(examine_job(index));
  }
  co_await tasks.join();
  for (const auto& [name, connection] : connections_) {
    co_await connection->close();
  }
  co_return std::move(report_);
}

Task<> PreflightExamination::examine_connection(std::size_t index) {
  ConnectionReport& report = report_.connections[index];
  Connection& connection = *connections_.at(report.name);
  try {
    std::vector<Finding> findings = co_await connection.examine();
    report.findings = std::move(findings);
  } catch (const Error& error) {
    report.findings.push_back(finding_of_bug(error));
  }
}

// A side whose connection has a fault is not asked: it would say the same again.
bool PreflightExamination::is_usable(const std::string& connection, std::string_view side,
                                     JobReport& report) const {
  const std::vector<Finding>& known = report_.find(connection)->findings;
  if (!has_fault(known)) {
    return true;
  }
  const ExitStatus status = status_of(known);
  const Severity severity = status == ExitStatus::unreachable ? Severity::refused : Severity::wrong;
  report.findings.push_back(
      {severity, fmt::format("{} not examined: connection {} cannot be used", side, connection),
       fmt::format("mend connection {}", connection)});
  return false;
}

Task<> PreflightExamination::examine_job(std::size_t index) {
  JobReport& report = report_.jobs[index];
  const JobDefinition& job = *report.job;
  std::optional<Error> failure;
  Connectors connectors(job, runtime_, connections_.at(job.source_connection),
                        connections_.at(job.sink_connection));
  try {
    SinkExaminationRequest request;
    request.depth = depth_;
    request.limits = job.settings.batch;
    request.job = job.settings.name;
    request.incremental = job.settings.incremental;
    if (is_usable(job.source_connection, "source", report)) {
      co_await examine_source(report, connectors.source());
      co_await transform(report, connectors.transforms(), request);
    }
    if (is_usable(job.sink_connection, "sink", report)) {
      SinkExamination sink = co_await connectors.sink().examine(std::move(request));
      report.sink = std::move(sink);
    }
    add_buffers(report, connectors.sink().traits());
  } catch (const Error& error) {
    failure = error;
  }
  co_await connectors.close();
  if (failure) {
    report.findings.push_back(finding_of_bug(*failure));
  }
}

Task<> PreflightExamination::examine_source(JobReport& report, Source& source) {
  SourceExaminationRequest request;
  request.depth = depth_;
  request.limits = report.job->settings.batch;
  SourceExamination found = co_await source.examine(request);
  report.source = std::move(found);
  if (report.source.samples != nullptr) {
    report.rows_read = rows_as_json(*report.source.samples);
  }
}

// What the sink would get.
Task<> PreflightExamination::transform(JobReport& report, TransformChain& transforms,
                                       SinkExaminationRequest& request) {
  const SourceExamination& source = report.source;
  request.rows_expected = source.rows_expected;
  request.bytes_expected = source.bytes_expected;
  if (source.schema == nullptr) {
    co_return;
  }
  try {
    request.schema = transforms.bind(source.schema);
    if (source.samples != nullptr) {
      co_await transforms.apply(*source.samples, runtime_.workers);
      request.samples = source.samples;
    }
  } catch (const Error& error) {
    report.findings.push_back(
        {Severity::wrong, fmt::format("transforms: {}", error.what()), "correct transforms"});
  }
}

void PreflightExamination::add_buffers(JobReport& report, const SinkTraits& traits) const {
  const SchemaPointer& schema = report.source.schema;
  if (schema == nullptr || depth_ == Depth::check) {
    return;
  }
  const BatchLimits& limits = report.job->settings.batch;
  const std::size_t batches = prefetch_limits(traits, limits).batches_max;
  report.buffers.push_back({"the program itself", kBaseBytes});
  report.buffers.insert(report.buffers.end(), report.source.buffers.begin(),
                        report.source.buffers.end());
  report.buffers.push_back({fmt::format("between source and sink: {} batches", batches),
                            batches * batch_bytes_bound(limits, schema->columns.size())});
  report.buffers.insert(report.buffers.end(), report.sink.buffers.begin(),
                        report.sink.buffers.end());
  for (const PlannedBuffer& buffer : report.buffers) {
    report.bytes_max += buffer.bytes_max;
  }
}

PreflightReport examine(const config::Settings& settings, const std::string& job, Depth depth,
                        const Redactor& redactor) {
  LogSettings quiet;
  quiet.level = LogLevel::warn;
  Log log(quiet, redactor);
  EventLoop loop(log);
  PreflightReport report;
  PreflightExamination examination(settings, job, depth, loop.runtime());
  loop.run(run(examination, report));
  return report;
}

}  // namespace rowferry
