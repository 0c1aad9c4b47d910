#include "sources/postgres/sweep.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/failpoint.hpp"
#include "sources/postgres/first_mark.hpp"
#include "sources/postgres/server_facts.hpp"

namespace rowferry::postgres {
namespace {

// A condition all the same: `where` and `deleted` are tests of the rows then.
constexpr const char* kEveryRow = "true";

void refuse_unknown(const std::string& incarnation) {
  if (incarnation.empty()) {
    throw Error(Failure::stale, "the role lost pg_read_all_stats").with_reason("privilege");
  }
}

}  // namespace

Sweep::Sweep(Pass pass, Mark base, SweepProgress progress)
    : pass_(std::move(pass)), base_(std::move(base)), progress_(std::move(progress)) {}

Task<bool> Sweep::next(Batch& batch) {
  if (!pages_ && !over_) {
    co_await begin();
  }
  if (over_) {
    co_return false;
  }
  const bool more = co_await pages_->next(batch);
  if (more) {
    progress_.key = pages_->key();
    failpoint("source.page_read");
  }
  over_ = !more;
  co_return more;
}

Task<> Sweep::begin() {
  pass_.condition = kEveryRow;
  if (pass_.mode == Mode::exact) {
    co_await begin_exact();
  } else if (progress_.mark.xmin != 0) {
    start_over();
  }
  if (!over_) {
    pages_ = std::make_unique<KeyCopy>(pass_, KeyCopy::Order::pages, progress_.key);
    pages_->expect(progress_.mark.incarnation);
  }
}

void Sweep::start_over() {
  progress_.mark = Mark{};
  progress_.key.clear();
}

Task<> Sweep::begin_exact() {
  connections::Lease lease = co_await pass_.borrow(connections::Priority::live);
  const std::string incarnation = co_await pass_.incarnations.of(*lease);
  refuse_unknown(incarnation);
  refuse_other_system(base_.incarnation, incarnation);
  if (progress_.mark.incarnation != incarnation) {
    start_over();
    co_await take_mark(*lease);
  }
  const FullXid xmax = co_await read_xmax(*lease);
  const bool all = must_send_all(base_, progress_.mark.incarnation, xmax);
  if (!all) {
    pass_.condition = transaction_filter(base_, false);
    // Otherwise no transaction has written since.
    over_ = xmax == base_.xmin;
  }
}

Task<> Sweep::take_mark(pq::Session& session) {
  Mark mark = co_await take_first_mark(session, pass_);
  refuse_unknown(mark.incarnation);
  progress_.mark = sweep_base(std::move(mark));
}

Task<> Sweep::close() {
  if (pages_) {
    co_await pages_->close();
  }
}

}  // namespace rowferry::postgres
