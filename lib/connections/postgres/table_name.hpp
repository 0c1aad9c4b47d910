#pragma once

#include <string>
#include <string_view>

namespace rowferry::connections {

/// What is wrong with a table's name as it is written in SQL (`content.film_work`,
/// `"Fleet"."telemetryRaw"`), said without asking a server; empty when nothing is.
[[nodiscard]] std::string table_name_problem(std::string_view text);

/// The name of the table itself, without its schema, as the server knows it: letters outside of
/// quotes in lower case. `text` has no problem.
[[nodiscard]] std::string unqualified_name(std::string_view text);

}  // namespace rowferry::connections
