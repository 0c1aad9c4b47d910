#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/sink.hpp"
#include "tests/support/fake_target.hpp"

namespace rowferry::test {

/// An object store: objects that are written whole, and per run a manifest that names those that
/// count.
struct ObjectTarget : FakeTarget {
  struct Manifest {
    bool full_copy = false;
    std::vector<std::string> objects;
  };
  std::map<std::string, std::vector<TestRow>> objects;
  std::map<std::int64_t, Manifest> manifests;

  /// The rows that a reader of the manifests finds, the later of a key winning.
  [[nodiscard]] TestContent content() const;
};

/// Identity run: a flush closes an object, the receipt names objects and intents, `finish` writes
/// the manifest. Commits after 64 KiB.
class FakeObjectSink : public Sink {
 public:
  explicit FakeObjectSink(std::shared_ptr<ObjectTarget> target) : target_(std::move(target)) {}

  [[nodiscard]] SinkTraits traits() const override;
  Task<> open(SchemaPointer schema, const RunContext& context, Receipt receipt) override;
  Task<WriteResult> write(const Batch& batch) override;
  Task<Receipt> flush(const Checkpoint& checkpoint) override;
  Task<> finish(const RunSummary& summary) override;
  Task<> close() override;
  Task<std::int64_t> last_run_seq(std::string job, std::string table) override;

 private:
  [[nodiscard]] Receipt receipt() const;
  void take_up(const Receipt& receipt);

  std::shared_ptr<ObjectTarget> target_;
  const RunContext* context_ = nullptr;
  std::int64_t run_seq_ = 0;
  std::int64_t next_part_ = 1;
  std::vector<std::string> done_;
  std::vector<std::string> intents_;
  std::vector<TestRow> pending_;
};

}  // namespace rowferry::test
