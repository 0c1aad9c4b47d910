#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

namespace rowferry {

// The part of YAML 1.2 (https://yaml.org/spec/1.2.2) that state files are written in, over values
// of Boost.JSON: maps, lists, text, 64-bit integers, booleans and null; keys are plain words. Text
// stands in single quotes, in double quotes where it holds characters that do not print, and as
// `!!binary` where it is no UTF-8: it comes back byte for byte. Any reader of YAML reads it.

/// Appends a map as lines, one key a line, maps and lists in it indented.
void append_yaml(const boost::json::object& map, std::string& out);

/// A map on one line: `{id: 7, state: 'failed'}`.
[[nodiscard]] std::string yaml_line(const boost::json::object& map);

/// The reverse of `append_yaml`; comments between the lines are skipped. Reads what is written
/// here, not all of YAML. Throws Error{internal} for anything else.
[[nodiscard]] boost::json::object parse_yaml(std::string_view text);

/// The reverse of `yaml_line`. Throws Error{internal}.
[[nodiscard]] boost::json::object parse_yaml_line(std::string_view line);

}  // namespace rowferry
