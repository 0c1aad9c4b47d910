#include "engine/transform_chain.hpp"

namespace rowferry {

TransformChain::TransformChain(std::vector<std::unique_ptr<Transform>> transforms)
    : transforms_(std::move(transforms)) {}

SchemaPointer TransformChain::bind(const SchemaPointer& schema) {
  if (transforms_.empty()) {
    return schema;
  }
  if (bound_ == nullptr || (bound_ != schema && bound_->fingerprint() != schema->fingerprint())) {
    bound_ = nullptr;
    SchemaPointer result = schema;
    for (const auto& transform : transforms_) {
      result = transform->bind(std::move(result));
    }
    result_ = std::move(result);
  }
  bound_ = schema;
  return result_;
}

Task<> TransformChain::apply(Batch& batch, WorkerPool& workers) {
  if (transforms_.empty()) {
    co_return;
  }
  SchemaPointer result = bind(batch.schema_pointer());
  const auto work = [this, &batch]() {
    for (const auto& transform : transforms_) {
      transform->apply(batch);
    }
  };
  co_await run_blocking(workers, work);
  batch.set_schema(std::move(result));
}

}  // namespace rowferry
