#pragma once

#include <filesystem>
#include <string>

#include "config/problems.hpp"
#include "config/substitution.hpp"
#include "config/value.hpp"

namespace rowferry::config {

/// Reads one YAML document into values, with their lines, references replaced and merge keys (`<<`)
/// filled in. Notes what is wrong: syntax, bytes that are no text, duplicate keys, references.
/// After a syntax error the tree has no root.
void read_yaml(const std::string& text, const Environment& environment,
               const std::filesystem::path& folder, ValueTree& tree, Problems& problems);

}  // namespace rowferry::config
