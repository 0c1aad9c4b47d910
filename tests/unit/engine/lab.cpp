#include "tests/unit/engine/lab.hpp"

#include <fmt/format.h>

namespace rowferry::test {

Task<Run> SteppedStore::start_run(Run run) {
  co_await at_("store.start_run");
  Run started = co_await MemoryStore::start_run(std::move(run));
  co_await at_("store.run_started");
  co_return started;
}

Task<> SteppedStore::update_run(Run run) {
  co_await at_("store.update_run");
  co_await MemoryStore::update_run(std::move(run));
  co_await at_("store.run_updated");
}

Task<> SteppedStore::save(std::string job, std::string unit, Checkpoint checkpoint) {
  co_await at_("store.save");
  co_await MemoryStore::save(std::move(job), std::move(unit), std::move(checkpoint));
  co_await at_("store.saved");
}

Task<> SteppedStore::add_dead_letters(std::vector<DeadLetter> letters) {
  co_await at_("store.add_letters");
  co_await MemoryStore::add_dead_letters(std::move(letters));
  co_await at_("store.letters_added");
}

Task<> FakeConnection::probe() {
  if (probe_) {
    co_await probe_();
  }
}

std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<VersionedTarget> target) {
  return std::make_unique<FakeVersionedSink>(std::move(target));
}

std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<TransactionalTarget> target) {
  return std::make_unique<FakeTransactionalSink>(std::move(target));
}

std::unique_ptr<Sink> make_fake_sink(std::shared_ptr<ObjectTarget> target) {
  return std::make_unique<FakeObjectSink>(std::move(target));
}

JobDefinition movies_job() {
  JobDefinition job;
  job.settings.name = "movies";
  job.settings.schedule.kind = Schedule::Kind::fetch_delay;
  job.settings.retry.jitter = 0;
  job.settings.incremental = true;
  job.source_connection = "shop";
  job.sink_connection = "search";
  job.source_text = "shop films";
  job.sink_text = "search films";
  job.definition = "id,title";
  return job;
}

FakeBatch films(std::int64_t first, std::int64_t count, const std::string& title) {
  FakeBatch batch;
  for (std::int64_t id = first; id < first + count; ++id) {
    batch.rows.push_back({id, fmt::format("{} {}", title, id)});
  }
  return batch;
}

Error unreachable(const std::string& text) {
  return Error(Failure::transient, text).with_reason("refused");
}

AtStep fail_at(std::string step, int times, Error error) {
  const auto left = std::make_shared<int>(times);
  return [step, left, error](std::string_view reached) -> Task<> {
    if (reached == step && (*left)-- > 0) {
      throw Error(error);
    }
    co_return;
  };
}

}  // namespace rowferry::test
