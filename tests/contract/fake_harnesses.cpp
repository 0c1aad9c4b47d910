#include <memory>
#include <optional>

#include "tests/contract/sink_harnesses.hpp"
#include "tests/support/fake_object_sink.hpp"
#include "tests/support/fake_transactional_sink.hpp"
#include "tests/support/fake_versioned_sink.hpp"

namespace rowferry::test {
namespace {

/// A fake sink over its target; it refuses the title `refused`.
template <class FakeSink, class Target>
class FakeHarness : public SinkHarness {
 public:
  FakeHarness() {
    target_->judge = [](const TestRow& row) -> std::optional<RowIssue> {
      if (row.title != "refused") {
        return std::nullopt;
      }
      return RowIssue{0, false, {}, "the title is refused"};
    };
  }

  std::unique_ptr<Sink> make_sink() override { return std::make_unique<FakeSink>(target_); }
  TestContent content() override { return target_->content(); }
  std::optional<TestRow> refused_row() override { return TestRow{2, "refused"}; }

 private:
  std::shared_ptr<Target> target_ = std::make_shared<Target>();
};

}  // namespace

std::unique_ptr<SinkHarness> make_versioned_harness(TestLoop& /*loop*/) {
  return std::make_unique<FakeHarness<FakeVersionedSink, VersionedTarget>>();
}

std::unique_ptr<SinkHarness> make_transactional_harness(TestLoop& /*loop*/) {
  return std::make_unique<FakeHarness<FakeTransactionalSink, TransactionalTarget>>();
}

std::unique_ptr<SinkHarness> make_object_harness(TestLoop& /*loop*/) {
  return std::make_unique<FakeHarness<FakeObjectSink, ObjectTarget>>();
}

}  // namespace rowferry::test
