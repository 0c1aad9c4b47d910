#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>

#include "base/big_endian.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Throws Error{internal}: a cell's bytes are no value of its type.
[[noreturn]] void throw_malformed_cell(const Type& type, std::size_t bytes);

/// Throws as above unless the cell has exactly so many bytes.
inline void expect_cell_bytes(const Type& type, std::string_view binary, std::size_t bytes) {
  if (binary.size() != bytes) {
    throw_malformed_cell(type, binary.size());
  }
}

/// The integer that a cell of fixed size is.
template <std::integral Integer>
[[nodiscard]] Integer load_cell(const Type& type, std::string_view binary) {
  expect_cell_bytes(type, binary, sizeof(Integer));
  return load_big_endian<Integer>(binary.data());
}

/// The text of a jsonb cell, behind its version byte. Throws for another version.
[[nodiscard]] std::string_view jsonb_text(const Type& type, std::string_view binary);

}  // namespace rowferry
