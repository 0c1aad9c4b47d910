#include "config/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace rowferry::config {

void Problems::add(int line, std::string key_path, std::string text) {
  const auto later = [](int at, const Problem& problem) { return at < problem.line; };
  auto position = std::upper_bound(problems_.begin(), problems_.end(), line, later);
  for (auto other = position; other != problems_.begin() && std::prev(other)->line == line;) {
    --other;
    if (other->key_path != key_path) {
      continue;
    }
    if (other->text == text || other->text == kNotBuilt) {
      return;
    }
    if (text == kNotBuilt) {
      other->text = std::move(text);
      return;
    }
  }
  problems_.insert(position, Problem{line, std::move(key_path), std::move(text)});
}

void Problems::redact(const Redactor& redactor) {
  for (Problem& problem : problems_) {
    problem.text = redactor.redact(problem.text);
  }
}

std::string Problems::to_text() const {
  std::string text;
  for (const Problem& problem : problems_) {
    fmt::format_to(std::back_inserter(text), "{}:{}: ", file_, problem.line);
    if (!problem.key_path.empty()) {
      fmt::format_to(std::back_inserter(text), "{}: ", problem.key_path);
    }
    fmt::format_to(std::back_inserter(text), "{}\n", problem.text);
  }
  return text;
}

}  // namespace rowferry::config
