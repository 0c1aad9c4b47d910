#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends a cell that is not null in some form. Hot loops ask for the function of a column once.
using AppendCell = void (*)(const Type& type, std::string_view binary, Buffer& out);

/// Appends the canonical text of a cell that is not null: byte for byte what PostgreSQL prints for
/// `value::text` with TimeZone UTC, DateStyle ISO, IntervalStyle postgres, extra_float_digits 1 and
/// bytea_output hex. Arrays come as `{...}` with the server's quoting and lower bounds.
///
/// Two differences: the cell of a char(n) keeps its trailing blanks, as COPY prints it; and the
/// interval with every field at its extreme is `infinity` or `-infinity`, as since PostgreSQL 17
/// (older servers cannot hold an infinite one and print its fields).
///
/// Throws Error{internal}, naming the type, when the bytes are no value of it; never reads beyond
/// them. What was appended by then stays in the buffer.
void append_cell_text(const Type& type, std::string_view binary, Buffer& out);

/// The function that does so for cells of this type, to be called with it.
[[nodiscard]] AppendCell cell_text_writer(const Type& type);

}  // namespace rowferry
