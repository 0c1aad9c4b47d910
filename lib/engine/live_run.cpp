#include "engine/live_run.hpp"

#include <algorithm>

namespace rowferry {

RunView LiveRun::view(SteadyTime now) const {
  RunView view;
  view.run = run;
  view.run_rows_per_second = rate.per_second(now);
  view.rows_expected = rows_expected;
  if (rows_expected && view.run_rows_per_second > 0) {
    const std::int64_t left = std::max<std::int64_t>(0, *rows_expected - run.counters.rows_read);
    view.eta_seconds = static_cast<double>(left) / static_cast<double>(view.run_rows_per_second);
  }
  return view;
}

}  // namespace rowferry
