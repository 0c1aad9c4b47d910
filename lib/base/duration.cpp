#include "base/duration.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <span>

namespace rowferry {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kDay = 24ull * 60 * 60 * 1000;
constexpr std::uint64_t kDurationMax = 36'525 * kDay;

// Largest first, as formatting looks for the largest that divides.
constexpr auto kDurations = std::to_array<Unit>(
    {{"d", kDay}, {"h", 60ull * 60 * 1000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}});
constexpr auto kSizes = std::to_array<Unit>(
    {{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}});

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units,
                                   std::uint64_t maximum) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) {
    return std::nullopt;
  }
  const std::string_view name(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : units) {
    if (unit.name == name && number <= maximum / unit.factor) {
      return number * unit.factor;
    }
  }
  return std::nullopt;
}

std::string format(std::uint64_t number, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (number != 0 && number % unit.factor == 0) {
      return fmt::format("{}{}", number / unit.factor, unit.name);
    }
  }
  return {};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto number = parse(text, kDurations, kDurationMax);
  if (!number) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count <= 0 ? "0s" : format(static_cast<std::uint64_t>(count), kDurations);
}

std::optional<std::size_t> parse_size(std::string_view text) {
  return parse(text, kSizes, std::numeric_limits<std::int64_t>::max());
}

std::string format_size(std::size_t bytes) { return bytes == 0 ? "0B" : format(bytes, kSizes); }

}  // namespace rowferry
