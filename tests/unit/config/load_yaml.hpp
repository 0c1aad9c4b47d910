#pragma once

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"
#include "tests/support/temporary_folder.hpp"

namespace rowferry::config {

/// Connections of every type that the fakes know, in lines 1 to 4 of a file.
inline constexpr std::string_view kConnections =
    "connections:\n"
    "  shop: {type: postgres, dsn: host=db}\n"
    "  search: {type: elasticsearch, urls: [\"http://es:9200\"]}\n"
    "  disk: {type: file, path: out}\n";

/// A configuration file in a folder of its own, with an environment of its own.
class YamlFile {
 public:
  std::map<std::string, std::string> environment;
  Redactor redactor;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  /// Writes a file beside the configuration.
  void write(const std::string& name, std::string_view content) const;
  /// Loads a configuration of this content with the fake components.
  [[nodiscard]] LoadResult load(std::string_view yaml);

 private:
  test::TemporaryFolder folder_;
};

/// A configuration with one thing wrong, and the problem that it must give.
struct Wrong {
  std::string_view yaml;
  int line;
  std::string_view key_path;
  /// A part of the text.
  std::string_view text;
};

/// What is wrong with a configuration, as `LINE: key.path: text`, one a line.
[[nodiscard]] std::string problems_of(std::string_view yaml);

/// Loads `before` + each configuration and expects its one problem, and no other.
void expect_wrong(std::string_view before, const std::vector<Wrong>& table);

}  // namespace rowferry::config
