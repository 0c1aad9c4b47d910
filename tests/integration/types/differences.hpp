#pragma once

#include <string>

#include "tests/integration/types/random_values.hpp"

namespace rowferry::test {

/// What we print for a type, as SQL over its column `v`.
struct Printed {
  std::string text;
  std::string json;
};

/// `v::text` and `to_json(v)::text`, but for the documented differences; they are all in here.
[[nodiscard]] Printed printed(const TypeCase& type);

}  // namespace rowferry::test
