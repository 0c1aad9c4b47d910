#include "connections/file/file_connection.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/blocking.hpp"
#include "base/file.hpp"

namespace rowferry {

FileConnection::FileConnection(std::string name, std::filesystem::path folder, Runtime runtime)
    : Connection(std::move(name)), folder_(std::move(folder)), runtime_(runtime) {}

Task<> FileConnection::probe() {
  auto work = [this] {
    make_folders(folder_);
    if (access(folder_.c_str(), W_OK | X_OK) != 0) {
      throw file_error("write into", folder_, errno);
    }
  };
  co_await run_blocking(runtime_.workers, std::move(work));
}

Task<> FileConnection::close() { co_return; }

}  // namespace rowferry
