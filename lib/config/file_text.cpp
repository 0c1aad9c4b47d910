#include "config/file_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/duration.hpp"

namespace rowferry::config {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string cause_of_last_error() { return std::generic_category().message(errno); }

}  // namespace

FileText read_file(const std::filesystem::path& path, std::size_t bytes_max) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return {"", "is a folder, not a file"};
  }
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return {"", cause_of_last_error()};
  }
  FileText result;
  std::array<char, 16u << 10> block;
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    result.text.append(block.data(), count);
    if (result.text.size() > bytes_max) {
      return {"", fmt::format("is larger than {}", format_size(bytes_max))};
    }
  }
  if (std::ferror(file.get()) != 0) {
    return {"", cause_of_last_error()};
  }
  return result;
}

}  // namespace rowferry::config
