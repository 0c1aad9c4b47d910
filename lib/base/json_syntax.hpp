#pragma once

#include <string_view>

namespace rowferry {

/// What a text is, as JSON.
enum class JsonSyntax {
  none,    ///< no JSON value (RFC 8259)
  loose,   ///< JSON, but with an escape that stands for no character: `\u0000` or half a surrogate
           ///< pair. PostgreSQL takes it as json, not as jsonb
  strict,  ///< JSON whose strings are all text
};

/// Reads a whole text as one JSON value. Any depth; numbers of any size; does not check that the
/// text is UTF-8.
[[nodiscard]] JsonSyntax json_syntax(std::string_view text);

}  // namespace rowferry
