#include "daemon/startup.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "config/settings.hpp"

namespace rowferry {

std::optional<config::Settings> load_or_explain(const std::string& file,
                                                const config::Components& components,
                                                Redactor& redactor) {
  config::LoadResult loaded = config::load_settings(file, components, redactor);
  if (!loaded.settings) {
    fmt::print(stderr, "{}", loaded.problems.to_text());
  }
  return std::move(loaded.settings);
}

bool has_job_or_explain(const config::Settings& settings, const Options& options) {
  std::vector<std::string> names;
  for (const JobDefinition& job : settings.jobs) {
    names.push_back(job.settings.name);
  }
  const bool is_there = options.job.empty() || std::ranges::find(names, options.job) != names.end();
  if (!is_there) {
    fmt::print(stderr, "rowferry: no job '{}' in {}; there are: {}\n", options.job, options.config,
               fmt::join(names, ", "));
  }
  return is_there;
}

}  // namespace rowferry
