#include "objects/object_names.hpp"

namespace rowferry {

std::vector<config::NamePattern> object_names(const ObjectSettings& settings, std::string_view job,
                                              std::string_view table) {
  std::vector<config::NamePattern> names = {settings.key.pattern(job, table)};
  if (settings.manifest) {
    names.emplace_back(settings.key.folder(job, table)).any_within_folder();
  }
  return names;
}

}  // namespace rowferry
