#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rowferry::config {

/// The candidate that a person most likely meant by `word`: the smallest optimal string alignment
/// distance (insertions, deletions, substitutions, neighbours swapped), where a part of a name or a
/// name with something added counts as near. Empty without candidates.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string>& candidates);

}  // namespace rowferry::config
