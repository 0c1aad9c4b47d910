#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "connections/elasticsearch/elasticsearch_connection.hpp"
#include "core/run_context.hpp"
#include "core/sink.hpp"
#include "sinks/elasticsearch/bulk_body.hpp"
#include "sinks/elasticsearch/encoder.hpp"
#include "sinks/elasticsearch/index_definition.hpp"
#include "sinks/elasticsearch/settings.hpp"

namespace rowferry {

/// Keeps a search index equal to a table: one document a row, by the row's key, versioned by the
/// batch's sequence, so that a repeated or late write never undoes a newer one. Removals carry the
/// version too; the index remembers them for `index.gc_deletes`, and a batch that was read longer
/// than half of that ago is Error{stale}. A write is durable when it returned.
class ElasticsearchSink : public Sink {
 public:
  ElasticsearchSink(std::shared_ptr<ElasticsearchConnection> connection,
                    elasticsearch::SinkSettings settings, const Runtime& runtime);
  ~ElasticsearchSink() override;

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;
  Task<SinkExamination> examine(SinkExaminationRequest request) override;

 private:
  using EncoderPointer = std::shared_ptr<const elasticsearch::BulkEncoder>;
  using BodyPointer = std::unique_ptr<elasticsearch::BulkBody>;

  Task<> prepare(std::int64_t run_seq);
  [[nodiscard]] EncoderPointer encoder_for(const SchemaPointer& schema);
  void warn_of(const elasticsearch::BulkEncoder& encoder);
  void warn_of(const elasticsearch::IndexFacts& facts);
  void refuse_other_index(const Receipt& receipt) const;
  void check_age(const Batch& batch) const;
  Task<WriteResult> write_with(const elasticsearch::BulkEncoder& encoder, const Batch& batch,
                               elasticsearch::BulkBody& body);
  Task<http::Response> send(const elasticsearch::BulkBody& body, const Batch& batch);
  [[nodiscard]] http::Request request_for(const elasticsearch::BulkBody& body) const;
  [[nodiscard]] Error cut_short(const Error& error, const elasticsearch::BulkBody& body,
                                const Batch& batch);

  std::shared_ptr<ElasticsearchConnection> connection_;
  elasticsearch::SinkSettings settings_;
  const Runtime& runtime_;
  std::string bulk_target_;
  EncoderPointer encoder_;
  std::vector<BodyPointer> free_bodies_;
  elasticsearch::IndexFacts index_;
  /// The run that looked at the index last, and when; nothing when it must be looked at again.
  std::optional<std::int64_t> prepared_for_;
  SteadyTime prepared_at_{};
  bool warned_ = false;
  /// The row that was alone in a request whose connection was reset, and how often in a row.
  std::string suspect_;
  int suspicions_ = 0;
};

}  // namespace rowferry
