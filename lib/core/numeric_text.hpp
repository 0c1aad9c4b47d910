#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/buffer.hpp"

namespace rowferry {

/// The binary form of a numeric: four 16-bit words (count of digits, weight of the first, sign,
/// digits after the point to show), then digits to the base of 10,000.
namespace numeric_form {
inline constexpr std::uint16_t kPositive = 0x0000;
inline constexpr std::uint16_t kNegative = 0x4000;
inline constexpr std::uint16_t kNan = 0xC000;
inline constexpr std::uint16_t kInfinity = 0xD000;
inline constexpr std::uint16_t kNegativeInfinity = 0xF000;
inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr int kScaleMax = 0x3FFF;
}  // namespace numeric_form

/// Whether a numeric cell is a number: neither NaN nor infinite. Throws as `append_cell_text` does.
[[nodiscard]] bool is_finite_numeric(std::string_view binary);

/// Appends the text of a numeric with all its digits: `-0.0010`, `NaN`, `Infinity`. Throws as
/// `append_cell_text` does.
void append_numeric_text(std::string_view binary, Buffer& out);

}  // namespace rowferry
