#include "api/operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/reply.hpp"

namespace rowferry::api {
namespace {

const QueryParameter* find(const Operation& operation, const std::string& name) {
  const auto found =
      std::find_if(operation.query.begin(), operation.query.end(),
                   [&name](const QueryParameter& known) { return known.name == name; });
  return found == operation.query.end() ? nullptr : &*found;
}

std::string known_names(const Operation& operation) {
  std::vector<std::string> names;
  for (const QueryParameter& parameter : operation.query) {
    names.push_back(parameter.name);
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

void check_value(const QueryParameter& parameter, const std::string& value) {
  if (parameter.kind == QueryParameter::Kind::number &&
      !parse_number(value, parameter.minimum, parameter.maximum)) {
    throw RequestError(400, fmt::format("parameter {}: expected a whole number from {} to {}",
                                        parameter.name, parameter.minimum, parameter.maximum));
  }
  const auto& words = parameter.words;
  if (parameter.kind == QueryParameter::Kind::word &&
      std::find(words.begin(), words.end(), value) == words.end()) {
    throw RequestError(400, fmt::format("parameter {}: expected one of {}", parameter.name,
                                        fmt::join(words, ", ")));
  }
}

}  // namespace

void check_query(const Operation& operation, const std::map<std::string, std::string>& query) {
  for (const auto& [name, value] : query) {
    const QueryParameter* known = find(operation, name);
    if (known != nullptr) {
      check_value(*known, value);
    } else if (!operation.takes_any_query) {
      throw RequestError(400,
                         fmt::format("unknown parameter; known here: {}", known_names(operation)));
    }
  }
}

std::optional<std::int64_t> parse_number(const std::string& text, std::int64_t minimum,
                                         std::int64_t maximum) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = code == std::errc() && end == text.data() + text.size();
  return is_number && value >= minimum && value <= maximum ? std::optional(value) : std::nullopt;
}

}  // namespace rowferry::api
