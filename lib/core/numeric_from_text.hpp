#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "core/text_fit.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends the binary form of a numeric, rounded to the type's scale where it has a precision; see
/// `cell_from_text`. `text` has no blanks around it.
[[nodiscard]] TextFit numeric_from_text(const Type& type, std::string_view text, Buffer& out);

}  // namespace rowferry
