#include "tests/support/fake_source.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>

namespace rowferry::test {

Task<SourceOpened> FakeSource::open(const RunContext& context, Position position) {
  script_->opened.push_back(position);
  script_->types.push_back(context.type);
  if (script_->before) {
    co_await script_->before("open");
  }
  context_ = &context;
  pass_ = 0;
  batch_ = 0;
  if (!position.empty()) {
    const boost::json::value place = boost::json::parse(position.json);
    pass_ = place.at("pass").to_number<std::size_t>();
    batch_ = place.at("batch").to_number<std::size_t>();
  }
  SourceOpened opened;
  opened.schema = script_->schema;
  opened.guarantee = script_->guarantee;
  opened.starts_over = std::exchange(script_->starts_over_once, false);
  if (opened.starts_over) {
    batch_ = 0;
  }
  co_return opened;
}

Task<bool> FakeSource::next(Batch& batch) {
  if (script_->before) {
    co_await script_->before("next");
  }
  batch.clear(script_->schema);
  if (pass_ >= script_->passes.size()) {
    batch.position = position();
    co_return false;
  }
  if (batch_ >= script_->passes[pass_].size()) {
    ++pass_;
    batch_ = 0;
    batch.position = position();
    co_return false;
  }
  const FakeBatch scripted = script_->passes[pass_][batch_];
  const std::int64_t sequence = co_await allot_sequence();
  fill(batch, script_->schema, scripted.rows, sequence);
  batch.issues = scripted.issues;
  batch.read_at = std::chrono::steady_clock::now();
  ++batch_;
  batch.position = position();
  script_->rows_read += batch.rows();
  co_return true;
}

Task<> FakeSource::close() {
  ++script_->closed;
  context_ = nullptr;
  co_return;
}

Task<std::int64_t> FakeSource::allot_sequence() {
  if (context_->sequence == nullptr) {
    co_return ++last_sequence_;
  }
  const SequenceAllotter::Ticket ticket = co_await context_->sequence->allot();
  co_return ticket.number;
}

Position FakeSource::position() const {
  return {fmt::format(R"({{"pass":{},"batch":{}}})", pass_, batch_)};
}

}  // namespace rowferry::test
