// The typed getters of Node.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "base/duration.hpp"
#include "config/node.hpp"
#include "config/node_body.hpp"

namespace rowferry::config {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::optional<bool> parse_boolean(std::string_view text) {
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
  });
  constexpr std::array<std::string_view, 3> kTrue{"true", "yes", "on"};
  constexpr std::array<std::string_view, 3> kFalse{"false", "no", "off"};
  if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) {
    return true;
  }
  if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) {
    return false;
  }
  return std::nullopt;
}

/// `010` is eight to some readers of YAML and ten to others.
bool has_leading_zero(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return digits.size() > 1 && digits.front() == '0';
}

template <class Number>
std::string range_text(std::string_view what, Number minimum, Number maximum, bool bounded) {
  return bounded ? fmt::format("{} between {} and {}", what, minimum, maximum)
                 : fmt::format("{} of at least {}", what, minimum);
}

}  // namespace

std::string Node::text(std::string_view key, std::string_view fallback) const {
  const Value* value = body_->scalar(key, "text");
  return value == nullptr ? std::string(fallback) : value->text;
}

std::string Node::required_text(std::string_view key) const {
  const Node node = required(key);
  return node.empty() ? std::string() : text(key);
}

bool Node::boolean(std::string_view key, bool fallback) const {
  const Value* value = body_->scalar(key, "true or false");
  if (value == nullptr) {
    return fallback;
  }
  const auto parsed = parse_boolean(value->text);
  if (!parsed) {
    body_->note_wrong(key, "true or false", *value);
  }
  return parsed.value_or(fallback);
}

std::int64_t Node::integer(std::string_view key, std::int64_t fallback, std::int64_t minimum,
                           std::int64_t maximum) const {
  const std::string expected = range_text("a whole number", minimum, maximum,
                                          maximum != std::numeric_limits<std::int64_t>::max());
  const Value* value = body_->scalar(key, expected);
  if (value == nullptr) {
    return fallback;
  }
  const auto parsed = parse_number<std::int64_t>(value->text);
  if (parsed && has_leading_zero(value->text)) {
    body_->note_wrong(key, "a whole number without a leading zero", *value);
    return fallback;
  }
  if (!parsed || *parsed < minimum || *parsed > maximum) {
    body_->note_wrong(key, expected, *value);
    return fallback;
  }
  return *parsed;
}

double Node::number(std::string_view key, double fallback, double minimum, double maximum) const {
  const std::string expected =
      range_text("a number", minimum, maximum, maximum < std::numeric_limits<double>::max());
  const Value* value = body_->scalar(key, expected);
  if (value == nullptr) {
    return fallback;
  }
  const auto parsed = parse_number<double>(value->text);
  if (!parsed || !std::isfinite(*parsed) || *parsed < minimum || *parsed > maximum) {
    body_->note_wrong(key, expected, *value);
    return fallback;
  }
  return *parsed;
}

std::chrono::milliseconds Node::duration(std::string_view key, std::chrono::milliseconds fallback,
                                         std::chrono::milliseconds minimum) const {
  const std::string expected =
      minimum.count() > 0 ? fmt::format("a duration of at least {}", format_duration(minimum))
                          : "a duration such as 250ms, 5s, 10m, 1h or 7d";
  const Value* value = body_->scalar(key, expected);
  if (value == nullptr) {
    return fallback;
  }
  const auto parsed = parse_duration(value->text);
  if (!parsed || *parsed < minimum) {
    body_->note_wrong(key, parsed ? expected : "a duration such as 250ms, 5s, 10m, 1h or 7d",
                      *value);
    return fallback;
  }
  return *parsed;
}

std::size_t Node::size(std::string_view key, std::size_t fallback, std::size_t minimum) const {
  constexpr std::string_view kExpected = "a size such as 512KiB, 8MiB or 1GiB";
  const Value* value = body_->scalar(key, kExpected);
  if (value == nullptr) {
    return fallback;
  }
  const auto parsed = parse_size(value->text);
  if (!parsed || *parsed < minimum) {
    const std::string at_least = fmt::format("a size of at least {}", format_size(minimum));
    body_->note_wrong(key, parsed ? std::string_view(at_least) : kExpected, *value);
    return fallback;
  }
  return *parsed;
}

std::string Node::word(std::string_view key, std::initializer_list<std::string_view> words,
                       std::string_view fallback) const {
  const std::string expected = words.size() == 1 ? std::string(*words.begin())
                                                 : fmt::format("one of {}", fmt::join(words, ", "));
  const std::string default_word(fallback.empty() ? *words.begin() : fallback);
  const Value* value = body_->scalar(key, expected);
  if (value == nullptr) {
    return default_word;
  }
  if (std::find(words.begin(), words.end(), value->text) == words.end()) {
    body_->note_wrong(key, expected, *value);
    return default_word;
  }
  return value->text;
}

std::vector<std::string> Node::texts(std::string_view key) const {
  std::vector<std::string> texts;
  for (const Node& item : at(key).items()) {
    if (item.is_scalar()) {
      texts.push_back(item.scalar());
    } else {
      item.problem("", item.empty() ? "must not be empty" : "must be text");
    }
  }
  return texts;
}

Secret Node::secret(std::string_view key) const {
  const Value* value = body_->scalar(key, "text");
  if (value == nullptr) {
    return Secret();
  }
  Secret secret(value->text);
  learn(secret);
  return secret;
}

std::filesystem::path Node::path(std::string_view key) const {
  const std::string name = text(key);
  return name.empty() ? std::filesystem::path() : (folder() / name).lexically_normal();
}

std::filesystem::path Node::existing_file(std::string_view key) const {
  const std::filesystem::path file = path(key);
  if (file.empty()) {
    return file;
  }
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    problem(key, fmt::format("the file {} does not exist", file.string()));
  } else if (std::filesystem::is_directory(status)) {
    problem(key, fmt::format("{} is a folder, not a file", file.string()));
  } else if (access(file.c_str(), R_OK) != 0) {
    problem(key, fmt::format("the file {} may not be read by us", file.string()));
  }
  return file;
}

}  // namespace rowferry::config
