#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry::config {

/// Where `${NAME}` comes from.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> lookup;

  /// The environment of this process.
  [[nodiscard]] static Environment of_process();
};

/// A scalar with its references replaced, and what was wrong with them.
struct Substituted {
  std::string text;
  std::vector<std::string> problems;
};

/// Replaces `${NAME}`, `${NAME:-default}` (also where NAME is empty; a default may hold further
/// references) and `${file:PATH}` (relative to `folder`; one final newline is cut). `$${` stands
/// for a literal `${`; a `$` before anything else is itself.
[[nodiscard]] Substituted substitute(std::string_view written, const Environment& environment,
                                     const std::filesystem::path& folder);

}  // namespace rowferry::config
