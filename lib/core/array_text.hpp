#pragma once

#include <string_view>

#include "base/buffer.hpp"
#include "core/types.hpp"

namespace rowferry {

/// Appends an element that is not NULL; it must not touch what stands in the buffer already.
using AppendElement = void (*)(const Type& element_type, std::string_view binary, Buffer& out);

/// Appends an array as PostgreSQL's array_out does: `[0:1]={1,NULL}`, `{{"a b",c}}`. The element's
/// own text comes from `append_element` and is quoted where it must be.
void append_array_text(const Type& type, std::string_view binary, AppendElement append_element,
                       Buffer& out);

/// Appends an array as nested JSON arrays: `[1,null]`.
void append_array_json(const Type& type, std::string_view binary, AppendElement append_element,
                       Buffer& out);

}  // namespace rowferry
