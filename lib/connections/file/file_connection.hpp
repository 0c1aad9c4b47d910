#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/connection.hpp"
#include "core/run_context.hpp"

namespace rowferry {

/// A folder. All work on it is done on the workers.
class FileConnection : public Connection {
 public:
  FileConnection(std::string name, std::filesystem::path folder, Runtime runtime);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Makes the folder if it is missing. Throws when it cannot be made or written.
  Task<> probe() override;
  /// Makes nothing: see judge_folder.
  Task<std::vector<Finding>> examine() override;
  Task<> close() override;

 private:
  std::filesystem::path folder_;
  Runtime runtime_;
};

}  // namespace rowferry
