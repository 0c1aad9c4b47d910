#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.hpp"

namespace rowferry::config {

/// What a key or value of a later version answers.
inline constexpr std::string_view kNotBuilt = "not built yet";

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

  /// Notes a problem. The same one is noted once, and `not built yet` says all there is to say of
  /// its key.
  void add(int line, std::string key_path, std::string text);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  /// In the order of the file.
  [[nodiscard]] const std::vector<Problem>& list() const { return problems_; }

  /// Removes every secret that is known by now from the texts.
  void redact(const Redactor& redactor);

  /// `FILE:LINE: key.path: text`, one a line, in the order of the file; what concerns the whole
  /// file has no key path.
  [[nodiscard]] std::string to_text() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

}  // namespace rowferry::config
