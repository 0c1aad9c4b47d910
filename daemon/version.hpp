#pragma once

#include <string_view>

namespace rowferry {

/// The version of this program, `0.1.0`.
[[nodiscard]] std::string_view version();

/// The git revision it was built from, with `-dirty` when the tree had changes.
[[nodiscard]] std::string_view revision();

}  // namespace rowferry
