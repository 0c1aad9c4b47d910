#pragma once

#include <cstdint>
#include <string_view>

namespace rowferry {

/// The CRC-32C (Castagnoli, RFC 3720 appendix B.4) of some bytes, by ISA-L; `before` is the CRC of
/// the bytes that stand before them.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace rowferry
