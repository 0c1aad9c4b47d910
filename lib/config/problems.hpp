#pragma once

#include <string>
#include <vector>

namespace rowferry::config {

/// One thing that is wrong with the configuration.
struct Problem {
  int line = 0;
  std::string key_path;
  std::string text;
};

/// Collects everything that is wrong, so that all of it can be told at once.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(int line, std::string key_path, std::string text);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] const std::vector<Problem>& list() const { return problems_; }

  /// `FILE:LINE: key.path: text`, one a line, in the order of the file.
  [[nodiscard]] std::string to_text() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace rowferry::config
