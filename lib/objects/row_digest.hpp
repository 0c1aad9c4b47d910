#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {

/// A digest of rows that does not depend on their order: the sum, modulo 2^128, of the XXH3-128
/// hashes (seed 0, https://xxhash.com) of the rows' bytes as they stand in the object, uncompressed
/// and without the line end. Two sets of rows with equal count and digest are taken for equal.
class RowDigest {
 public:
  void add(std::string_view row);
  RowDigest& operator+=(const RowDigest& other);
  bool operator==(const RowDigest&) const = default;

  /// 32 hexadecimal digits, the high half first.
  [[nodiscard]] std::string to_hex() const;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

}  // namespace rowferry
