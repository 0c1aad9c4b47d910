#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/job_definition.hpp"
#include "engine/transform_chain.hpp"

namespace rowferry {

/// Source, sink and transforms of one job; they stay open between runs.
class Connectors {
 public:
  /// Makes them; nothing is touched. Throws Error{config}.
  Connectors(const JobDefinition& job, const Runtime& runtime,
             std::shared_ptr<Connection> source_connection,
             std::shared_ptr<Connection> sink_connection);

  [[nodiscard]] Source& source() { return *source_; }
  [[nodiscard]] Sink& sink() { return *sink_; }
  [[nodiscard]] TransformChain& transforms() { return transforms_; }

  /// Closes source and sink; they may be opened again.
  Task<> close();

 private:
  std::unique_ptr<Source> source_;
  std::unique_ptr<Sink> sink_;
  TransformChain transforms_;
};

}  // namespace rowferry
