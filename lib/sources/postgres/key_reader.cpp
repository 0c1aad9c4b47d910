#include "sources/postgres/key_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "sources/postgres/page_sql.hpp"
#include "sources/postgres/server_facts.hpp"
#include "sources/postgres/standby.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kKeysOfAStatement = 1000;

}  // namespace

KeyReader::KeyReader(const SourceSettings& settings,
                     std::shared_ptr<connections::PostgresConnection> server,
                     const Runtime& runtime, std::vector<std::string> keys_json)
    : settings_(settings),
      server_(std::move(server)),
      runtime_(runtime),
      keys_(std::move(keys_json)),
      stop_(runtime.executor) {}

KeyReader::~KeyReader() = default;

Task<SourceOpened> KeyReader::open(const RunContext& context, Position position) {
  co_await close();
  context_ = &context;
  position_ = std::move(position);
  asked_ = 0;
  if (!plan_) {
    connections::Lease lease = co_await server_->borrow(connections::Priority::live, stop_);
    ReadingPlan plan = co_await plan_reading(*lease, settings_, *server_);
    plan_ = std::move(plan);
  }
  if (plan_->table.key.empty()) {
    throw Error(Failure::config,
                fmt::format("{} has no key: its dead letters cannot be read again one by one; a "
                            "full run sends all rows",
                            settings_.name()));
  }
  SourceOpened opened;
  opened.schema = plan_->schema;
  opened.rows_expected = static_cast<std::int64_t>(keys_.size());
  co_return opened;
}

// A JSON array of the keys that the next statement asks for.
std::string KeyReader::next_keys() const {
  const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(asked_);
  const std::size_t count = std::min(kKeysOfAStatement, keys_.size() - asked_);
  return fmt::format("[{}]", fmt::join(first, first + static_cast<std::ptrdiff_t>(count), ","));
}

// A standby that is behind would give older rows than those that were sent, under newer numbers.
Task<> KeyReader::wait_for_standby() {
  connections::PostgresConnection& primary = *server_->primary();
  ReplayTarget target;
  {
    connections::Lease teller = co_await primary.borrow(connections::Priority::live, stop_);
    std::string end = co_await read_log_end(*teller, LogEnd::written);
    target.position = std::move(end);
    std::string incarnation = co_await read_incarnation(*teller);
    target.incarnation = std::move(incarnation);
  }
  co_await wait_for_replay(*lease_, std::move(target), primary, stop_);
}

Task<> KeyReader::start_statement() {
  lease_ = co_await server_->borrow(connections::Priority::live, stop_);
  if (plan_->by_standby) {
    co_await wait_for_standby();
  }
  Projection projection = keyed_projection(plan_->table, settings_, plan_->schema);
  std::string sql = keyed_select(plan_->table, projection, next_keys());
  decoder_.emplace(std::move(projection), lease_->text_is_unchecked());
  stream_.emplace(*lease_, *decoder_, *context_);
  StreamFrame frame;
  if (plan_->table.oid != 0) {
    frame.lock = plan_->table.from;
    frame.definition_sql = definition_select(plan_->table);
    frame.definition = plan_->table.definition;
  }
  frame.durable = plan_->mode == Mode::exact && !plan_->by_standby;
  std::string purpose = fmt::format("reading rows of {} by their keys", settings_.name());
  StopToken stop = stop_;
  co_await stream_->start_framed(std::move(purpose), std::move(sql), std::move(frame),
                                 std::move(stop));
  asked_ = std::min(keys_.size(), asked_ + kKeysOfAStatement);
}

Task<bool> KeyReader::next(Batch& batch) {
  while (stream_ || asked_ < keys_.size()) {
    if (!stream_) {
      co_await start_statement();
    }
    const bool filled = co_await stream_->fill(batch);
    if (filled) {
      batch.position = position_;
      co_return true;
    }
    co_await stream_->commit();
    stream_.reset();
    lease_.release();
  }
  batch.clear(plan_->schema);
  batch.position = position_;
  co_return false;
}

Task<> KeyReader::close() {
  if (stream_) {
    co_await stream_->abandon();
    stream_.reset();
  }
  lease_.release();
}

}  // namespace rowferry::postgres
