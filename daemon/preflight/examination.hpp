#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "base/task.hpp"
#include "config/settings.hpp"
#include "core/preflight.hpp"
#include "core/run_context.hpp"
#include "daemon/preflight/report.hpp"
#include "engine/transform_chain.hpp"

namespace rowferry {

/// Examines a configuration, or one job of it with its connections: all connections at once, then
/// all jobs at once. Changes nothing anywhere.
class PreflightExamination {
 public:
  /// `job`: only this one; empty: all. Everything outlives it.
  PreflightExamination(const config::Settings& settings, const std::string& job, Depth depth,
                       const Runtime& runtime);

  /// Once.
  Task<PreflightReport> run();

 private:
  Task<> examine_connection(std::size_t index);
  Task<> examine_job(std::size_t index);
  Task<> examine_source(JobReport& report, Source& source);
  Task<> transform(JobReport& report, TransformChain& transforms, SinkExaminationRequest& request);
  [[nodiscard]] bool is_usable(const std::string& connection, std::string_view side,
                               JobReport& report) const;
  void add_buffers(JobReport& report, const SinkTraits& traits) const;

  const config::Settings& settings_;
  Depth depth_;
  const Runtime& runtime_;
  std::map<std::string, std::shared_ptr<Connection>> connections_;
  PreflightReport report_;
};

/// Carries an examination out, on an event loop of its own. Warnings of the connectors go to
/// standard error, not to the configured log: that may be a file.
[[nodiscard]] PreflightReport examine(const config::Settings& settings, const std::string& job,
                                      Depth depth, const Redactor& redactor);

}  // namespace rowferry
