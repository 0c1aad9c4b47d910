#include "pq/copy_format.hpp"

#include <cstdint>

namespace rowferry::pq {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
/// Signature, flags, size of the extension.
constexpr std::size_t kFixedHeaderSize = 19;

std::uint32_t big_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int index = 0; index < 4; ++index) {
    value = value << 8 | static_cast<unsigned char>(bytes[index]);
  }
  return value;
}

}  // namespace

std::size_t binary_copy_header_size(std::string_view message) {
  if (message.size() < kFixedHeaderSize || !message.starts_with(kSignature)) {
    return 0;
  }
  // The upper half of the flags marks changes that a reader must know; there are none it does.
  if ((big_endian_32(message.substr(11)) & 0xffff0000u) != 0) {
    return 0;
  }
  const std::size_t size = kFixedHeaderSize + big_endian_32(message.substr(15));
  return size <= message.size() ? size : 0;
}

bool is_binary_copy_trailer(std::string_view message) {
  return message == std::string_view("\377\377", 2);
}

}  // namespace rowferry::pq
