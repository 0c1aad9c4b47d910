#pragma once

#include <string>
#include <string_view>

#include "core/checkpoint.hpp"

namespace rowferry {

/// A checkpoint as one JSON object: what every store keeps. Position and receipt are strings in it,
/// so that they come back byte for byte.
[[nodiscard]] std::string encode_checkpoint(const Checkpoint& checkpoint);

/// The reverse. Throws Error{internal} when the text is no such object.
[[nodiscard]] Checkpoint decode_checkpoint(std::string_view text);

}  // namespace rowferry
