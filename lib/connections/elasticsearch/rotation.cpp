#include "connections/elasticsearch/rotation.hpp"

#include <algorithm>
#include <chrono>

namespace rowferry::elasticsearch {
namespace {

constexpr std::chrono::seconds kFirstRest{1};
constexpr std::chrono::seconds kRestMax{60};
constexpr std::uint32_t kDoublingsMax = 6;

}  // namespace

Rotation::Rotation(std::size_t servers) : servers_(servers) {}

std::vector<std::size_t> Rotation::order(SteadyTime now) {
  std::vector<std::size_t> order(servers_.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    order[place] = (next_ + place) % servers_.size();
  }
  const auto rank = [this, now](std::size_t server) {
    const bool rests = servers_[server].failures > 0 && servers_[server].rests_until > now;
    return rests ? servers_[server].rests_until : SteadyTime::min();
  };
  std::stable_sort(order.begin(), order.end(), [&rank](std::size_t left, std::size_t right) {
    return rank(left) < rank(right);
  });
  next_ = (order.front() + 1) % servers_.size();
  return order;
}

void Rotation::failed(std::size_t server, SteadyTime now) {
  Server& entry = servers_[server];
  const auto rest = kFirstRest * (1u << std::min(entry.failures, kDoublingsMax));
  entry.rests_until = now + std::min<std::chrono::seconds>(rest, kRestMax);
  ++entry.failures;
}

void Rotation::worked(std::size_t server) { servers_[server].failures = 0; }

}  // namespace rowferry::elasticsearch
