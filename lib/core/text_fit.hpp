#pragma once

#include <cstdint>

namespace rowferry {

/// Whether a text is a value of a type.
enum class TextFit : std::uint8_t {
  fits,
  malformed,     ///< not in the type's syntax
  out_of_range,  ///< in its syntax, but beyond what the type (or its precision or length) holds
};

}  // namespace rowferry
