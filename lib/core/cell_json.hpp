#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "core/cell_text.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends the JSON form of a cell that is not null, equal to PostgreSQL's `to_json(value)` in UTC:
/// booleans and numbers bare, with all their digits (no double in between); numeric and float NaN
/// and infinities as strings; timestamps as `"2024-02-29T12:00:00.5+00:00"`; bytes as `"\\x..."`;
/// jsonb as printed; arrays as (nested) JSON arrays, their lower bounds lost; everything else as
/// the canonical text in a string.
///
/// It differs from `to_json` in this, and in nothing else:
///  - timestamps of years before 1 or after 9999 are the server's text (`"0044-03-15 00:00:00 BC"`)
///    where `to_json` has a `T` in the middle, and `+00` where it has `+00:00`;
///  - a json value is on one line: each line feed and carriage return between its tokens is a
///  space;
///  - the infinite interval, see `append_cell_text`.
///
/// A json or jsonb cell is copied, not checked. Throws as `append_cell_text` does.
void append_cell_json(const Type& type, std::string_view binary, Buffer& out);

/// The function that does so for cells of this type, to be called with it.
[[nodiscard]] AppendCell cell_json_writer(const Type& type);

}  // namespace rowferry
