#pragma once

#include <string>
#include <string_view>

namespace rowferry::pq {

/// A name as SQL, always in double quotes: the only way a name gets into a statement. Throws
/// Error{config} for an empty name and for one with a zero byte, which no server can hold.
[[nodiscard]] std::string quote_identifier(std::string_view name);

/// `"schema"."name"`; without a schema the name alone.
[[nodiscard]] std::string quote_qualified(std::string_view schema, std::string_view name);

/// A value as SQL, in single quotes: the only way a value gets into a statement that takes no
/// parameters (COPY). Right under either setting of standard_conforming_strings: a text with a
/// backslash becomes an escape string. Throws Error{rejected} for a zero byte.
[[nodiscard]] std::string quote_literal(std::string_view text);

}  // namespace rowferry::pq
