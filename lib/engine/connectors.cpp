#include "engine/connectors.hpp"

namespace rowferry {
namespace {

std::vector<std::unique_ptr<Transform>> make_transforms(const JobDefinition& job) {
  std::vector<std::unique_ptr<Transform>> transforms;
  for (const MakeTransform& make : job.make_transforms) {
    transforms.push_back(make());
  }
  return transforms;
}

}  // namespace

Connectors::Connectors(const JobDefinition& job, const Runtime& runtime,
                       std::shared_ptr<Connection> source_connection,
                       std::shared_ptr<Connection> sink_connection)
    : source_(job.make_source(std::move(source_connection), runtime)),
      sink_(job.make_sink(std::move(sink_connection), runtime)),
      transforms_(make_transforms(job)) {}

Task<> Connectors::close() {
  co_await source_->close();
  co_await sink_->close();
}

}  // namespace rowferry
