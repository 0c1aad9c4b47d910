#include "config/nearest_word.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

namespace rowferry::config {
namespace {

constexpr std::size_t kWordBytesMax = 64;

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

std::string normalized(std::string_view word) {
  std::string result;
  for (const char character : word.substr(0, kWordBytesMax)) {
    result += character == '-' ? '_' : lower(character);
  }
  return result;
}

std::size_t distance(const std::string& left, const std::string& right) {
  std::array<std::vector<std::size_t>, 3> rows;
  for (auto& row : rows) {
    row.resize(right.size() + 1);
  }
  for (std::size_t j = 0; j <= right.size(); ++j) {
    rows[0][j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t substituted = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({row[j - 1] + 1, above[j] + 1, substituted});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return rows[left.size() % 3][right.size()];
}

/// In half edits, so that a name that holds the other one comes right after a single slip; of
/// several such names the one with the fewest edits.
std::pair<std::size_t, std::size_t> score(const std::string& left, const std::string& right) {
  const bool contained =
      std::min(left.size(), right.size()) >= 3 &&
      (left.find(right) != std::string::npos || right.find(left) != std::string::npos);
  const std::size_t edits = 2 * distance(left, right);
  return {contained ? std::min<std::size_t>(edits, 3) : edits, edits};
}

}  // namespace

std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = normalized(word);
  std::string best;
  auto best_score = std::make_pair(std::numeric_limits<std::size_t>::max(),
                                   std::numeric_limits<std::size_t>::max());
  for (const std::string& candidate : candidates) {
    const auto candidate_score = score(wanted, normalized(candidate));
    if (candidate_score < best_score) {
      best = candidate;
      best_score = candidate_score;
    }
  }
  return best;
}

}  // namespace rowferry::config
