#include "connections/file/config.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "connections/file/file_connection.hpp"

namespace rowferry {

MakeConnection parse_file_connection(const std::string& name, const config::Node& node) {
  std::ignore = node.required_text("path");
  const std::filesystem::path folder = node.path("path");
  std::error_code failure;
  const auto status = std::filesystem::status(folder, failure);
  if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) {
    node.problem("path", fmt::format("{} is not a folder", folder.string()));
  }
  return [name, folder](const Runtime& runtime) -> std::shared_ptr<Connection> {
    return std::make_shared<FileConnection>(name, folder, runtime);
  };
}

std::vector<std::string> places_of_file_connection(const config::Node& node) {
  const std::filesystem::path given = node.path("path");
  std::error_code failure;
  std::filesystem::path folder = std::filesystem::weakly_canonical(given, failure);
  if (failure) {
    folder = given.lexically_normal();
  }
  std::string place = "file:" + folder.string();
  if (!place.ends_with('/')) {
    place += '/';
  }
  return {place};
}

}  // namespace rowferry
