#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <string_view>

#include "base/big_endian.hpp"
#include "base/error.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Throws Error{internal} naming the type unless the cell's bytes have its form.
inline void require_form(const Type& type, bool good) {
  if (!good) [[unlikely]] {
    throw Error(Failure::internal,
                fmt::format("the bytes of a cell are no value of type {}", to_string(type)));
  }
}

/// The integer that a cell of its very size holds.
template <std::integral Integer>
[[nodiscard]] Integer fixed_cell(const Type& type, std::string_view binary) {
  require_form(type, binary.size() == sizeof(Integer));
  return load_big_endian<Integer>(binary.data());
}

}  // namespace rowferry
