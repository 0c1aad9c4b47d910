#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "core/text_fit.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends the binary form of an element; nothing on a misfit.
using ElementFromText = TextFit (*)(const Type& element_type, std::string_view text, Buffer& out);

/// Appends the binary form of an array, `[0:1]={1,NULL}` or `{{"a b",c}}`. On a misfit what was
/// appended stays for the caller to take back.
[[nodiscard]] TextFit array_from_text(const Type& type, std::string_view text,
                                      ElementFromText element_from_text, Buffer& out);

}  // namespace rowferry
