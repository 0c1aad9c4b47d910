#pragma once

#include <string>

#include "config/node.hpp"

namespace rowferry::config {

/// A digest of all that a node holds: equal for equal keys and values, whatever their place in the
/// file. Marks every key as known: call it behind `finish`.
[[nodiscard]] std::string fingerprint_of(const Node& node);

}  // namespace rowferry::config
