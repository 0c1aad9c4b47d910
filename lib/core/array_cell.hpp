#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rowferry {

/// One dimension of an array.
struct ArrayDimension {
  std::int32_t size = 0;
  std::int32_t lower_bound = 1;
};

/// A binary array taken apart (PostgreSQL: array_send). Views into the cell's bytes.
struct ArrayCell {
  std::vector<ArrayDimension> dimensions;                 ///< none: an empty array
  std::vector<std::optional<std::string_view>> elements;  ///< row-major; nothing: NULL
};

/// Throws Error{internal} when the bytes are no array.
[[nodiscard]] ArrayCell parse_array(std::string_view binary);

}  // namespace rowferry
