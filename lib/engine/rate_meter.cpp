#include "engine/rate_meter.hpp"

#include <algorithm>
#include <chrono>

namespace rowferry {
namespace {

using std::chrono::seconds;

constexpr seconds kWindow{10};
constexpr std::chrono::milliseconds kSlice{500};
// A rate over less than this says nothing.
constexpr std::chrono::milliseconds kSpanLeast{100};

}  // namespace

void RateMeter::start(SteadyTime now) {
  started_ = now;
  slices_.clear();
}

void RateMeter::add(SteadyTime now, std::int64_t rows) {
  if (slices_.empty() || now - slices_.back().begin >= kSlice) {
    slices_.push_back({now, 0});
  }
  slices_.back().rows += rows;
  while (now - slices_.front().begin > kWindow) {
    slices_.pop_front();
  }
}

std::int64_t RateMeter::per_second(SteadyTime now) const {
  const SteadyTime begin = std::max(started_, now - kWindow);
  std::int64_t rows = 0;
  for (const Slice& slice : slices_) {
    rows += slice.begin >= begin ? slice.rows : 0;
  }
  const auto span = std::chrono::duration<double>(now - begin);
  return span < kSpanLeast ? 0
                           : static_cast<std::int64_t>(static_cast<double>(rows) / span.count());
}

}  // namespace rowferry
