#pragma once

#include <cstdint>
#include <string>

#include "sources/postgres/catalog_facts.hpp"

namespace rowferry::postgres {

/// How surely a trigger stamps a column when a row is updated.
enum class Stamping : std::uint8_t {
  none,
  unclear,       ///< its function speaks of the column, but we cannot tell what it does
  some_columns,  ///< only when some columns are assigned to (UPDATE OF)
  always,
};

/// Judges a trigger by the text of its function: an assignment to `NEW.column`, or moddatetime with
/// the column as its argument. What a condition in the function does is not looked at.
[[nodiscard]] Stamping stamping_of(const TriggerFacts& trigger, const std::string& column);

}  // namespace rowferry::postgres
