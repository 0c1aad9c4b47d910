#include "sources/postgres/mark.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace rowferry::postgres {
namespace {

constexpr std::size_t kSeenMax = 100'000;
constexpr std::size_t kSweepSeenMax = 10'000;
// Ids further apart than this could be mistaken for one another by the server's 32 bit age().
constexpr FullXid kDistanceMax = (FullXid{1} << 31) - 10'000'000;

// An incarnation is `system identifier/timeline/start of the checkpointer`.
std::string_view system_identifier(std::string_view incarnation) {
  return incarnation.substr(0, incarnation.find('/'));
}

}  // namespace

FullXid full_xid(std::uint32_t raw, FullXid snapshot_xmax) {
  const FullXid newest = snapshot_xmax - 1;
  return newest - ((newest - raw) & 0xffffffffu);
}

std::vector<FullXid> merge_seen(const Mark& previous, const Mark& next) {
  std::vector<FullXid> merged = next.seen;
  if (previous.incarnation == next.incarnation) {
    merged.insert(merged.end(), previous.seen.begin(), previous.seen.end());
  }
  std::erase_if(merged, [&next](FullXid xid) { return xid < next.xmin; });
  std::ranges::sort(merged);
  merged.erase(std::unique(merged.begin(), merged.end()), merged.end());
  if (merged.size() > kSeenMax) {
    merged.resize(kSeenMax);
  }
  return merged;
}

Mark sweep_base(Mark mark) {
  mark.low.clear();
  if (mark.seen.size() > kSweepSeenMax) {
    mark.seen.resize(kSweepSeenMax);
  }
  return mark;
}

bool must_send_all(const Mark& base, const std::string& incarnation, FullXid snapshot_xmax) {
  return base.xmin == 0 || base.incarnation != incarnation || snapshot_xmax < base.xmin ||
         snapshot_xmax - base.xmin > kDistanceMax;
}

void refuse_other_system(std::string_view base, std::string_view now) {
  if (!base.empty() && system_identifier(base) != system_identifier(now)) {
    throw Error(Failure::config,
                "the server has another system identifier than the one that was copied: point the "
                "connection back, or start a full run to accept the new server")
        .with_reason("system_identifier");
  }
}

}  // namespace rowferry::postgres
