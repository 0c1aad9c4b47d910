#include "core/binary_cell.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace rowferry {

void throw_malformed_cell(const Type& type, std::size_t bytes) {
  throw Error(Failure::internal,
              fmt::format("{} bytes are no binary value of type {}: the column's type is not the "
                          "one that the source described, or the data is damaged",
                          bytes, to_string(type)));
}

std::string_view jsonb_text(const Type& type, std::string_view binary) {
  constexpr char kVersion = 1;
  if (!binary.starts_with(kVersion)) {
    throw_malformed_cell(type, binary.size());
  }
  return binary.substr(1);
}

}  // namespace rowferry
