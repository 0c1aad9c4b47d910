#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rowferry {

/// The number of characters (code points) of a text, or nothing when it is not UTF-8 as RFC 3629
/// has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
[[nodiscard]] std::optional<std::size_t> count_utf8(std::string_view text);

/// Whether a text is UTF-8.
[[nodiscard]] inline bool is_utf8(std::string_view text) { return count_utf8(text).has_value(); }

}  // namespace rowferry
