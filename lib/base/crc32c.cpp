#include "base/crc32c.hpp"

#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace rowferry {

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  constexpr std::size_t kPieceMax = 1u << 30;
  std::uint32_t crc = ~before;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kPieceMax);
    // ISA-L reads only, but its prototype takes a pointer to mutable bytes.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(data, static_cast<int>(size), crc);
    bytes.remove_prefix(size);
  }
  return ~crc;
}

}  // namespace rowferry
