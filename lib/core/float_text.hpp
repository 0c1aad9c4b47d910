#pragma once

#include <cstddef>

namespace rowferry {

/// The most characters that `write_float` writes.
inline constexpr std::size_t kFloatTextMax = 32;

/// Writes the shortest decimal that reads back as the same value, as PostgreSQL 12 and later print
/// it (extra_float_digits 1): an exponent below 1e-4 and from 1e15 (real: 1e6) on, `NaN`,
/// `Infinity`, `-0`. Returns the end.
char* write_float(double value, char* out);
char* write_float(float value, char* out);

}  // namespace rowferry
