#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/reply.hpp"
#include "api/routes/routes.hpp"

namespace rowferry::api {

std::int64_t number_parameter(const Request& request, const std::string& name,
                              std::int64_t fallback, std::int64_t minimum, std::int64_t maximum) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) {
    return fallback;
  }
  const std::string& text = found->second;
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < minimum ||
      value > maximum) {
    throw RequestError(400, fmt::format("parameter {}: expected a whole number from {} to {}", name,
                                        minimum, maximum));
  }
  return value;
}

void allow_parameters(const Request& request, std::initializer_list<std::string_view> names) {
  for (const auto& [name, value] : request.query) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw RequestError(
          400, fmt::format("unknown parameter; known here: {}",
                           names.size() == 0 ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
  }
}

}  // namespace rowferry::api
