#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/job_definition.hpp"
#include "core/preflight.hpp"
#include "daemon/exit_status.hpp"

namespace rowferry {

/// What is known of a connection.
struct ConnectionReport {
  std::string name;
  std::vector<Finding> findings;
};

/// What is known of a job. The definition outlives it.
struct JobReport {
  const JobDefinition* job = nullptr;
  SourceExamination source;
  SinkExamination sink;
  /// Of what lies between source and sink.
  std::vector<Finding> findings;
  /// The sample rows before the transforms, as JSON.
  std::vector<std::string> rows_read;
  /// All buffers of the job, and the sum of their bounds.
  std::vector<PlannedBuffer> buffers;
  std::size_t bytes_max = 0;

  /// All findings: source, transforms, sink.
  [[nodiscard]] std::vector<Finding> all_findings() const;
};

/// What an examination of a configuration found.
struct PreflightReport {
  std::vector<ConnectionReport> connections;
  std::vector<JobReport> jobs;

  /// The findings of all connections and jobs.
  [[nodiscard]] std::vector<Finding> all_findings() const;
  /// Null when there is no such connection.
  [[nodiscard]] const ConnectionReport* find(const std::string& connection) const;
};

/// 2 when something is wrong, else 3 when a server cannot be used, else 0: what is wrong stays so
/// when the server is back.
[[nodiscard]] ExitStatus status_of(const std::vector<Finding>& findings);

/// How a severity reads: `ok`, `warning` or `error`.
[[nodiscard]] std::string_view word_of(Severity severity);

}  // namespace rowferry
