#pragma once

#include <string>

#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "core/preflight.hpp"
#include "core/run_context.hpp"
#include "http/message.hpp"
#include "sinks/elasticsearch/index_judgement.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry::elasticsearch {

/// What `ElasticsearchSink::examine` does: looks at the index and its fields, or has the server try
/// out, without making it, how it would be created; asks for our privileges where the server can be
/// asked; encodes the sample rows. Changes nothing. References outlive it.
class IndexExamination {
 public:
  IndexExamination(ElasticsearchConnection& connection, const SinkSettings& settings,
                   const Runtime& runtime, SinkExaminationRequest request);

  /// Once.
  Task<SinkExamination> run();

 private:
  Task<> look_at_index();
  Task<> look_at_alias(const IndexFacts& facts);
  Task<> look_at_fields();
  Task<> look_at_pipeline();
  Task<> simulate_creation();
  Task<> ask_for_privileges();
  void judge_schema();
  void describe_columns();
  void encode_samples();
  void add_buffers();
  Task<http::Response> get(std::string target);
  Task<http::Response> post(std::string target, std::string body);
  void note(Finding finding) { result_.findings.push_back(std::move(finding)); }
  void note_all(std::vector<Finding> findings);
  void note_refusal(std::string attempted, const http::Response& response);

  ElasticsearchConnection& connection_;
  const SinkSettings& settings_;
  const Runtime& runtime_;
  SinkExaminationRequest request_;
  SinkExamination result_;
  IndexFields fields_;
};

}  // namespace rowferry::elasticsearch
