#pragma once

#include <vector>

#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {

/// Every spelling of a closed type that is no array: integer, numeric(10,2), char(12), name, ...
[[nodiscard]] std::vector<TypeCase> closed_scalars();

/// Arrays of a type: empty, with NULL, of up to six dimensions, with lower bounds of their own.
[[nodiscard]] TypeCase array_of(const TypeCase& element);

/// A domain over a type.
[[nodiscard]] TypeCase domain_over(const TypeCase& base);

/// `closed_scalars`, and an array of each.
[[nodiscard]] std::vector<TypeCase> closed_types();

/// Domains over each closed type, over a domain and over an array.
[[nodiscard]] std::vector<TypeCase> closed_domains();

/// Types outside the closed set, which arrive as the server's text.
[[nodiscard]] std::vector<TypeCase> other_types();

}  // namespace rowferry::test
