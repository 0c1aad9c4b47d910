#pragma once

#include <string_view>

#include "base/buffer.hpp"

namespace rowferry {

/// Appends the text of a binary `numeric` (PostgreSQL: numeric_send) with its display scale; `NaN`,
/// `Infinity` and `-Infinity` as such. Throws Error{internal} when the bytes are none.
void append_numeric_text(std::string_view binary, Buffer& out);

/// Whether a binary numeric is a number: not NaN and not infinite.
[[nodiscard]] bool is_finite_numeric(std::string_view binary);

/// Appends the shortest text that gives the number back, laid out as PostgreSQL does
/// (extra_float_digits 1): exponents below -4 and from 15 (`float`: 6) on are written `1e+15`.
void append_float_text(double value, Buffer& out);
void append_float_text(float value, Buffer& out);

}  // namespace rowferry
