#include "sources/postgres/pass.hpp"

#include "base/error.hpp"
#include "sources/postgres/server_facts.hpp"
#include "sources/postgres/standby.hpp"

namespace rowferry::postgres {
namespace {

// Sessions come and go; what long gone ones knew is dropped.
constexpr std::size_t kRememberedMax = 256;

}  // namespace

Task<std::string> Incarnations::of(pq::Session& session) {
  const auto known = by_serial_.find(session.serial());
  if (known != by_serial_.end()) {
    co_return known->second;
  }
  std::string incarnation = co_await read_incarnation(session);
  if (by_serial_.size() >= kRememberedMax) {
    by_serial_.erase(by_serial_.begin());
  }
  by_serial_[session.serial()] = incarnation;
  co_return incarnation;
}

Task<> Incarnations::confirm(pq::Session& session, const std::string& expected) {
  const std::string incarnation = co_await of(session);
  if (incarnation != expected) {
    throw Error(Failure::stale,
                "the server was restarted after a crash, or failed over, while it "
                "was read: reading again from the checkpoint")
        .with_reason("incarnation");
  }
}

bool Incarnations::has_replayed(const pq::Session& session, const std::string& position) const {
  const auto known = replayed_.find(session.serial());
  return known != replayed_.end() && known->second == position;
}

void Incarnations::note_replayed(const pq::Session& session, const std::string& position) {
  if (replayed_.size() >= kRememberedMax) {
    replayed_.erase(replayed_.begin());
  }
  replayed_[session.serial()] = position;
}

Task<std::string> Pass::incarnation(pq::Session& reader) const {
  if (primary == nullptr) {
    co_return co_await incarnations.of(reader);
  }
  const connections::Lease lease = co_await borrow_for_mark();
  co_return co_await incarnations.of(*lease);
}

Task<connections::Lease> Pass::borrow_for_mark() const {
  connections::PostgresConnection& server = primary == nullptr ? connection : *primary;
  co_return co_await server.borrow(connections::Priority::live, stop);
}

Task<> Pass::admit(pq::Session& reader, std::string expected) const {
  if (primary == nullptr) {
    if (!expected.empty()) {
      co_await incarnations.confirm(reader, expected);
    }
    co_return;
  }
  if (!log_end.empty() && incarnations.has_replayed(reader, log_end)) {
    co_return;
  }
  ReplayTarget target;
  target.incarnation = std::move(expected);
  target.position = log_end;
  if (target.position.empty() || target.incarnation.empty()) {
    const connections::Lease lease = co_await borrow_for_mark();
    std::string end = co_await read_log_end(*lease, LogEnd::written);
    target.position = std::move(end);
    std::string now = co_await incarnations.of(*lease);
    target.incarnation = std::move(now);
  }
  std::string position = target.position;
  co_await wait_for_replay(reader, std::move(target), *primary, stop);
  incarnations.note_replayed(reader, position);
}

Task<connections::Lease> Pass::borrow(connections::Priority priority) const {
  co_return co_await connection.borrow(priority, stop);
}

}  // namespace rowferry::postgres
