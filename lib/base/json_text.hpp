#pragma once

#include <string_view>

#include "base/buffer.hpp"

namespace rowferry {

/// Appends text as a JSON string with its quotes, escaped as PostgreSQL's `to_json` escapes it:
/// `\" \\ \b \f \n \r \t`, other control characters as `\u00xx`, nothing else. The text is taken to
/// be UTF-8 and is not checked.
void append_json_string(std::string_view text, Buffer& out);

/// The same without the quotes, for text that comes in pieces.
void append_json_escaped(std::string_view text, Buffer& out);

}  // namespace rowferry
