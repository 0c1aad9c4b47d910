#include "connections/file/config.hpp"

#include <filesystem>
#include <memory>

#include "connections/file/file_connection.hpp"

namespace rowferry {

MakeConnection parse_file_connection(const std::string& name, const config::Node& node) {
  std::ignore = node.required_text("path");
  const std::filesystem::path folder = node.path("path");
  return [name, folder](const Runtime& runtime) -> std::shared_ptr<Connection> {
    return std::make_shared<FileConnection>(name, folder, runtime);
  };
}

}  // namespace rowferry
