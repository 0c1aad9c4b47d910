#include "daemon/startup.hpp"

#include <fmt/format.h>

#include <cstdio>

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

}  // namespace rowferry
