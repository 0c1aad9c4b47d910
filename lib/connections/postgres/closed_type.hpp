#pragma once

#include <optional>

#include "core/types.hpp"
#include "pq/types.hpp"

namespace rowferry::connections {

/// The type of cells for a type of the server, by its number in pg_type and its modifier (length,
/// or precision and scale; -1: none). Nothing when it is not of the closed set.
[[nodiscard]] std::optional<Type> closed_type(pq::TypeOid type, int modifier);

}  // namespace rowferry::connections
