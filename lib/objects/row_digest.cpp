#include "objects/row_digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace rowferry {

void RowDigest::add(std::string_view row) {
  const XXH128_hash_t hash = XXH3_128bits(row.data(), row.size());
  RowDigest one;
  one.high_ = hash.high64;
  one.low_ = hash.low64;
  *this += one;
}

RowDigest& RowDigest::operator+=(const RowDigest& other) {
  low_ += other.low_;
  high_ += other.high_ + (low_ < other.low_ ? 1 : 0);
  return *this;
}

std::string RowDigest::to_hex() const { return fmt::format("{:016x}{:016x}", high_, low_); }

}  // namespace rowferry
