#pragma once

#include <filesystem>
#include <string>

#include "base/secret.hpp"
#include "config/node.hpp"
#include "config/problems.hpp"
#include "config/substitution.hpp"

namespace rowferry::config {

/// What reading a configuration needs and fills. Problems and redactor outlive the nodes.
struct LoadContext {
  /// Relative paths start here.
  std::filesystem::path folder;
  const Environment& environment;
  Problems& problems;
  Redactor& redactor;
};

/// The root of a configuration given as text; an empty node when the text is no YAML map, which is
/// then a problem.
[[nodiscard]] Node load_text(const std::string& yaml, const LoadContext& context);

/// The root of a configuration file. A file that cannot be read is a problem.
[[nodiscard]] Node load_file(const std::filesystem::path& path, const LoadContext& context);

}  // namespace rowferry::config
