#include "sources/postgres/pass.hpp"

#include "base/error.hpp"
#include "sources/postgres/server_facts.hpp"

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

Task<connections::Lease> Pass::borrow(connections::Priority priority) const {
  co_return co_await connection.borrow(priority, stop);
}

}  // namespace rowferry::postgres
