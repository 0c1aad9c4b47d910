#pragma once

#include <memory>
#include <vector>

#include "base/blocking.hpp"
#include "core/transform.hpp"

namespace rowferry {

/// The transforms of a job, in order.
class TransformChain {
 public:
  explicit TransformChain(std::vector<std::unique_ptr<Transform>> transforms);

  /// The schema that batches of `schema` have afterwards. Binds the transforms again only when it
  /// differs from the last one. Throws Error{config} when a transform cannot take it.
  SchemaPointer bind(const SchemaPointer& schema);

  /// Changes a batch in place, on a worker; the schema is bound when it is a new one.
  Task<> apply(Batch& batch, WorkerPool& workers);

 private:
  std::vector<std::unique_ptr<Transform>> transforms_;
  SchemaPointer bound_;
  SchemaPointer result_;
};

}  // namespace rowferry
