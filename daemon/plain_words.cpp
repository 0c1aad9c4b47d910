#include "daemon/plain_words.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace rowferry {

std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::ptrdiff_t first = number < 0 ? 1 : 0;
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > first; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string counted(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string about(std::chrono::milliseconds span) {
  using namespace std::chrono_literals;
  span = std::max(span, 0ms);
  if (span < 9950ms) {
    return fmt::format("{:.1f} s", static_cast<double>(span.count()) / 1000);
  }
  if (span < 2min) {
    return fmt::format("{} s", std::chrono::round<std::chrono::seconds>(span).count());
  }
  if (span < 2h) {
    return fmt::format("{} min", std::chrono::floor<std::chrono::minutes>(span).count());
  }
  const auto hours = std::chrono::floor<std::chrono::hours>(span).count();
  return hours < 48 ? fmt::format("{} h", hours) : fmt::format("{} d", hours / 24);
}

std::string about_bytes(std::int64_t bytes) {
  constexpr auto kUnits = std::to_array<std::string_view>({"B", "KiB", "MiB", "GiB", "TiB"});
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string moment(WallTime time) {
  return date::format("%F %T UTC", std::chrono::floor<std::chrono::seconds>(time));
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char character : text) {
    const auto code = static_cast<unsigned char>(character);
    const bool is_blank = code <= 0x20 || code == 0x7F;
    if (!is_blank) {
      line += character;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) {
    line.pop_back();
  }
  return line;
}

}  // namespace rowferry
