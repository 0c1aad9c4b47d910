#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/sink.hpp"
#include "tests/support/fake_target.hpp"

namespace rowferry::test {

/// A server that keeps a version with every row, also with removed ones, and ignores a write below
/// it: like a search index.
struct VersionedTarget : FakeTarget {
  struct Entry {
    std::int64_t version = 0;
    bool removed = false;
    std::optional<std::string> title;
  };
  std::map<std::int64_t, Entry> entries;

  /// The rows that are not removed.
  [[nodiscard]] TestContent content() const;
};

/// Identity row, durable at once, four writes at a time in any order.
class FakeVersionedSink : public Sink {
 public:
  explicit FakeVersionedSink(std::shared_ptr<VersionedTarget> target)
      : target_(std::move(target)) {}

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;

 private:
  std::shared_ptr<VersionedTarget> target_;
};

}  // namespace rowferry::test
