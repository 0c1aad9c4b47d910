#include "config/settings.hpp"

#include <algorithm>
#include <system_error>

#include "config/load.hpp"
#include "config/settings_parts.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kNameBytesMax = 128;

Settings parse_settings(const Components& components, const Node& root) {
  Settings settings;
  settings.daemon = parse_daemon(root.at("daemon"));
  settings.connections = parse_connections(components, root.at("connections"));
  settings.jobs = parse_jobs(components, settings.connections, root.at("jobs"));
  root.finish();
  return settings;
}

}  // namespace

void check_name(const Node& parent, const std::string& name) {
  constexpr std::string_view kAllowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  const bool dots = name == "." || name == "..";
  if (name.empty() || dots || name.find_first_not_of(kAllowed) != std::string::npos) {
    parent.problem(name, "a name is made of letters, digits, '_', '.' and '-'");
  } else if (name.size() > kNameBytesMax) {
    parent.problem(name, "a name has at most 128 characters");
  }
}

LoadResult load_settings(const std::filesystem::path& path, const Components& components,
                         Redactor& redactor, const Environment& environment) {
  LoadResult result{std::nullopt, Problems(path.string())};
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(path, error).parent_path();
  const LoadContext context{folder, environment, result.problems, redactor};
  const Node root = load_file(path, context);
  result.settings = parse_settings(components, root);
  if (!result.problems.empty()) {
    result.settings.reset();
    result.problems.redact(redactor);
  }
  return result;
}

}  // namespace rowferry::config
